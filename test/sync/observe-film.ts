import type { Film } from '../content/judge.ts';
import { beepStarts, readSamples } from '../content/read-audio.ts';
import { readTiles } from '../content/read-video.ts';
import type { Voice } from '../content/signal.ts';
import { litThreshold, type Observation } from './observation.ts';

/** What a finished film shows and plays of each voice, by decoding it: every frame and every sample. */
export async function observeFilm(film: Film, voices: readonly Voice[]): Promise<Observation[]> {
  const samples = await readSamples(film.path);
  const tiles = await readTiles(film.path, { ...film, voices });
  return tiles.map((shown, index) => {
    const threshold = litThreshold(shown.map(({ flash }) => flash));
    return {
      pictures: shown.map(({ atMs, frameNumber, flash }) => ({ atMs, code: frameNumber, isLit: flash > threshold })),
      beeps: beepStarts(samples, voices[index]!),
    };
  });
}
