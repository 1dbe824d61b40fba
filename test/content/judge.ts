import { avOffsets, beepStarts, readSamples } from './read-audio.ts';
import { flashStarts, readTiles, type Shown } from './read-video.ts';
import type { Voice } from './signal.ts';

export type Film = { path: string; width: number; height: number; fps: number };

export type Judgement = {
  /** What the tile shows, frame by frame. */
  shown: Shown[];
  /** When flashes begin, in milliseconds of the film. */
  flashes: number[];
  /** Sound against picture, milliseconds, one for each flash that has a beep; positive: the sound is late. */
  offsetsMs: number[];
};

/** Judges participants in a finished film by what it shows and plays; one judgement a voice. */
export async function judgeFilm(film: Film, voices: readonly Voice[]): Promise<Judgement[]> {
  const samples = await readSamples(film.path);
  const tiles = await readTiles(film.path, { ...film, voices });
  return tiles.map((shown, index) => {
    const flashes = flashStarts(shown);
    return { shown, flashes, offsetsMs: avOffsets(flashes, beepStarts(samples, voices[index]!)) };
  });
}

/** The value below which the given fraction lies; NaN of nothing. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? NaN;
}
