import { microphoneMoments, type HeardBeeps } from './microphone-log.ts';
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

/** Which frame a camera showed when, and how far it was behind its microphone, milliseconds. */
export type CameraMoment = { epochMs: number; frameNumber: number; behindMs: number };

type KnownFrame = {
  opening: number;
  epochMs: number;
  frameNumber: number;
  /** Counts the file's beginnings. */ rounds: number;
};

/** Reads a page's logs. A camera and its microphone begin together; from then on each falls behind by itself. */
export function cameraMoments(log: readonly SeenFrame[], beeps: HeardBeeps | undefined): CameraMoment[] {
  const frames: KnownFrame[] = [];
  for (const { opening, epochMs, brightness } of log) {
    const frameNumber = readStrip(brightness);
    if (frameNumber === undefined) continue;
    const before = frames.at(-1);
    const isSameOpening = before?.opening === opening;
    const hasBegunAnew = isSameOpening && frameNumber < before.frameNumber - framesInFile / 2;
    const rounds = (isSameOpening ? before.rounds : 0) + (hasBegunAnew ? 1 : 0);
    frames.push({ opening, epochMs, frameNumber, rounds });
  }
  const fileStart = ({ epochMs, frameNumber, rounds }: KnownFrame) =>
    epochMs - ((rounds * framesInFile + frameNumber) * 1000) / signal.fps;
  const starts = new Map<number, number>();
  for (const frame of frames) {
    starts.set(frame.opening, Math.min(starts.get(frame.opening) ?? Infinity, fileStart(frame)));
  }
  const sounds = microphoneMoments(beeps, [...starts.values()]);
  return frames.map((frame) => {
    const { epochMs, frameNumber } = frame;
    const behindFileMs = fileStart(frame) - starts.get(frame.opening)!;
    return { epochMs, frameNumber, behindMs: behindFileMs - behindAt(sounds, epochMs) };
  });
}

/** How far a device was behind at an instant: as at the nearest moment; 0 without any. */
export function behindAt(moments: readonly { epochMs: number; behindMs: number }[], epochMs: number): number {
  let nearest: (typeof moments)[number] | undefined;
  for (const moment of moments) {
    if (!nearest || Math.abs(moment.epochMs - epochMs) < Math.abs(nearest.epochMs - epochMs)) nearest = moment;
  }
  return nearest?.behindMs ?? 0;
}
