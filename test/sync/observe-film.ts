import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingId } from '@rushes/timeline';
import { beepStarts, readSamples } from '../content/read-audio.ts';
import { readTiles } from '../content/read-video.ts';
import type { Voice } from '../content/signal.ts';
import { litThreshold, type Observation } from './observation.ts';
import type { Stage } from './stage.ts';
import type { Stretch } from './stretch.ts';

const size = { width: 960, height: 540, fps: 30 };
const mostMs = 3_600_000;

/**
 * Exports the stretches and tells what the films show and play of each voice, by decoding them: every frame and every sample.
 * @returns one observation a voice, on the recording clock
 */
export async function observeFilms(
  stage: Stage,
  recordingId: RecordingId,
  { folder, stretches, voices }: { folder: string; stretches: readonly Stretch[]; voices: readonly Voice[] },
): Promise<Observation[]> {
  const all: Observation[] = voices.map(() => ({ pictures: [], beeps: [] }));
  for (const stretch of stretches) {
    const request = { perspective: 'room', layout: 'grid', ...size, ...stretch };
    const exportId = await stage.api.createExport(recordingId, request);
    await stage.api.whenExportDone(exportId, mostMs);
    const path = join(folder, `${exportId}.mp4`);
    await stage.api.download(`/v1/exports/${exportId}/file`, path);
    const found = await observeFilm(path, stretch.fromMs, voices);
    await rm(path);
    for (const [index, { pictures, beeps }] of found.entries()) {
      all[index]!.pictures.push(...pictures);
      all[index]!.beeps.push(...beeps);
    }
  }
  return all;
}

async function observeFilm(path: string, fromMs: number, voices: readonly Voice[]): Promise<Observation[]> {
  const samples = await readSamples(path);
  const tiles = await readTiles(path, { ...size, voices });
  return tiles.map((shown, index) => {
    const threshold = litThreshold(shown.map(({ flash }) => flash));
    return {
      pictures: shown.map(({ atMs, frameNumber, flash }) => ({
        atMs: fromMs + atMs,
        code: frameNumber,
        isLit: flash > threshold,
      })),
      beeps: beepStarts(samples, voices[index]!).map((atMs) => fromMs + atMs),
    };
  });
}
