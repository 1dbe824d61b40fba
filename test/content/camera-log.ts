import { beepEpochs, type HeardBeeps } from './microphone-log.ts';
import { readStrip, signal } from './signal.ts';

/** A frame of a fake camera that a page got, as {@link watchCamera} notes it. */
export type SeenFrame = {
  /** Counts the page's openings of the camera: each plays the file from its beginning. */
  opening: number;
  /** Epoch milliseconds at which the frame was captured. */
  epochMs: number;
  /** The strip's cells, 0 to 255. */
  brightness: number[];
};

declare global {
  var rushesCameraLog: SeenFrame[] | undefined;
}

/**
 * For `evaluateOnNewDocument`: notes five times a second which frame the page's camera shows and when it was captured.
 * Chromium's fake camera gives every frame of its file in turn and falls behind for good when the machine is busy, its fake
 * microphone by less; so what the devices themselves are apart has to be known before a recording is judged.
 * Runs in the page: uses nothing from outside.
 */
export function watchCamera(strip: { cells: number; top: number; bottom: number }): void {
  const log: SeenFrame[] = (globalThis.rushesCameraLog = []);
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) return;
  const open = devices.getUserMedia.bind(devices);
  let openings = 0;
  devices.getUserMedia = async (constraints) => {
    const stream = await open(constraints);
    const [track] = stream.getVideoTracks();
    if (track) watch(track, openings++);
    return stream;
  };

  function watch(track: MediaStreamTrack, opening: number): void {
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    void video.play();
    const canvas = new OffscreenCanvas(strip.cells * 3, 1);
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    let count = 0;
    const look = (_now: number, facts: VideoFrameCallbackMetadata) => {
      if (track.readyState === 'ended') return;
      video.requestVideoFrameCallback(look);
      if (count++ % 6 !== 0) return;
      const y = Math.round(((strip.top + strip.bottom) / 2) * video.videoHeight);
      context.drawImage(video, 0, y - 1, video.videoWidth, 2, 0, 0, canvas.width, 1);
      const { data } = context.getImageData(0, 0, canvas.width, 1);
      const brightness = Array.from({ length: strip.cells }, (_, cell) => data[(cell * 3 + 1) * 4]!);
      log.push({
        opening,
        epochMs: performance.timeOrigin + (facts.captureTime ?? facts.presentationTime),
        brightness,
      });
    };
    video.requestVideoFrameCallback(look);
  }
}

const framesInFile = signal.fileSeconds * signal.fps;

export type CameraMoment = {
  epochMs: number;
  frameNumber: number;
  /** How far into its file, played over and over, the camera was since it was opened; milliseconds. */
  playedMs: number;
  /** How far it was behind its microphone, milliseconds between -500 and 500: flashes and beeps come once a second. */
  behindMs: number;
};

/** Reads a page's logs. Each device falls behind by itself: each flash is held against the nearest beep that was captured. */
export function cameraMoments(log: readonly SeenFrame[], heard: HeardBeeps | undefined): CameraMoment[] {
  const beeps = beepEpochs(heard);
  const moments: CameraMoment[] = [];
  let before: { opening: number; frameNumber: number; rounds: number } | undefined;
  for (const { opening, epochMs, brightness } of log) {
    const frameNumber = readStrip(brightness);
    if (frameNumber === undefined) continue;
    const isSameOpening = before?.opening === opening;
    const hasBegunAnew = isSameOpening && frameNumber < before!.frameNumber - framesInFile / 2;
    const rounds = (isSameOpening ? before!.rounds : 0) + (hasBegunAnew ? 1 : 0);
    before = { opening, frameNumber, rounds };
    const playedMs = ((rounds * framesInFile + frameNumber) * 1000) / signal.fps;
    const beep = nearest(beeps, epochMs);
    const behindMs = beep === undefined ? 0 : withinOneSecond(epochMs - playedMs - beep);
    moments.push({ epochMs, frameNumber, playedMs, behindMs });
  }
  return moments;
}

/** A camera that falls behind by more than this between two looks at it shows flashes nobody knows exactly when. Milliseconds. */
const unsteadyMs = 50;

/**
 * How far a camera was behind its microphone at an instant; 0 without a log.
 * @param toleratedMs by how much it may have fallen behind just then; undefined is returned beyond
 */
export function behindAt(
  moments: readonly CameraMoment[],
  epochMs: number,
  toleratedMs = unsteadyMs,
): number | undefined {
  const next = moments.findIndex((moment) => moment.epochMs > epochMs);
  const [before, after] = [moments.at(next < 0 ? -1 : Math.max(0, next - 1)), moments.at(next)];
  if (!before || !after) return 0;
  const grownMs = withinOneSecond(after.behindMs - before.behindMs);
  return Math.abs(grownMs) > toleratedMs ? undefined : before.behindMs + grownMs / 2;
}

function nearest(values: readonly number[], wanted: number): number | undefined {
  let best = values[0];
  for (const value of values) if (Math.abs(value - wanted) < Math.abs(best! - wanted)) best = value;
  return best;
}

function withinOneSecond(ms: number): number {
  return ms - 1000 * Math.round(ms / 1000);
}
