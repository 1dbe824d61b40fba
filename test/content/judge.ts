import { avOffsets, beepStarts, readSamples } from './read-audio.ts';
import { findTile, flashStarts, readFrames, readTile, type Box } from './read-video.ts';
import { signal, type Voice } from './signal.ts';

export type Film = { path: string; width: number; height: number; fps: number };

export type Judgement = {
  /** Where the voice's picture was found. */
  box: Box;
  /** Frames in which a frame number could be read. */
  framesRead: number;
  flashes: number;
  /** Sound against picture, milliseconds, one a flash; positive: the sound is late. */
  offsetsMs: number[];
  /** Film time minus the frame's time in the camera's file, milliseconds: the median over all frames. */
  cameraOffsetMs: number;
  /** Frames by which a picture differs from what the camera showed at that instant, at the 99th percentile. */
  frameErrorP99: number;
  /** What the tile shows, frame by frame. */
  shown: { atMs: number; frameNumber: number | undefined; flash: number }[];
};

/**
 * Judges one participant in a finished film by what it shows and plays.
 * @param lookAtSeconds an instant at which the participant's tile is surely there
 * @returns undefined when the tile is not found
 */
export async function judgeVoice(film: Film, voice: Voice, lookAtSeconds: number): Promise<Judgement | undefined> {
  const look = { ...film, pixelFormat: 'rgb24' as const, fromSeconds: lookAtSeconds, frames: 12 };
  let box: Box | undefined;
  for await (const picture of readFrames(film.path, look)) {
    const found = findTile(picture, voice);
    if (found && (!box || found.width * found.height > box.width * box.height)) box = found;
  }
  if (!box) return undefined;
  const shown = await readTile(film.path, { ...film, box });
  const flashes = flashStarts(shown);
  const beeps = beepStarts(await readSamples(film.path), voice);
  const frameMs = 1000 / signal.fps;
  const cameraOffsets = shown.flatMap(({ atMs, frameNumber }) =>
    frameNumber === undefined ? [] : [atMs - frameNumber * frameMs],
  );
  const cameraOffsetMs = quantile(cameraOffsets, 0.5);
  return {
    box,
    framesRead: cameraOffsets.length,
    flashes: flashes.length,
    offsetsMs: avOffsets(flashes, beeps),
    cameraOffsetMs,
    frameErrorP99: quantile(
      cameraOffsets.map((offset) => Math.abs(offset - cameraOffsetMs) / frameMs),
      0.99,
    ),
    shown,
  };
}

/** The value below which the given fraction lies; NaN of nothing. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? NaN;
}
