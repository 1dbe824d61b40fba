import { behindAt, type CameraMoment } from './camera-log.ts';
import { avOffsets, beepStarts, readSamples } from './read-audio.ts';
import { flashStarts, readTiles, type Shown } from './read-video.ts';
import type { Voice } from './signal.ts';

export type Film = { path: string; width: number; height: number; fps: number };

export type Judgement = {
  /** What the tile shows, frame by frame. */
  shown: Shown[];
  /** When flashes begin, in milliseconds of the film. */
  flashes: number[];
  /** Of these the flashes that are held against beeps: at the others the fake camera was just falling behind. */
  steadyFlashes: number;
  /**
   * Sound against picture, milliseconds, one for each steady flash that has a beep; positive: the sound is late. What the fake
   * camera itself was behind its microphone at that instant is taken out.
   */
  offsetsMs: number[];
};

/** Where a film's time 0 lies in wall-clock time, and what each voice's camera showed when. */
export type Source = {
  recordedAt: number;
  cameras: readonly (readonly CameraMoment[])[];
  /** Flashes are left out while a camera falls behind by more than this between two looks, milliseconds. */
  toleratedMs?: number;
};

/** Judges participants in a finished film by what it shows and plays; one judgement a voice. */
export async function judgeFilm(film: Film, voices: readonly Voice[], source: Source): Promise<Judgement[]> {
  const samples = await readSamples(film.path);
  const tiles = await readTiles(film.path, { ...film, voices });
  return tiles.map((shown, index) => {
    const flashes = flashStarts(shown);
    const moments = source.cameras[index] ?? [];
    const due = flashes.flatMap((atMs) => {
      const behindMs = behindAt(moments, source.recordedAt + atMs, source.toleratedMs);
      return behindMs === undefined ? [] : [atMs - behindMs];
    });
    const offsetsMs = avOffsets(due, beepStarts(samples, voices[index]!));
    return { shown, flashes, steadyFlashes: due.length, offsetsMs };
  });
}

/** The value below which the given fraction lies; NaN of nothing. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? NaN;
}
