import { statSync } from 'node:fs';
import type { Manifest } from '@rushes/timeline';
import { quantile, type Judgement } from '../../test/content/judge.ts';
import { printTable } from '../print-table.ts';

export type FilmReport = {
  name: string;
  path: string;
  /** As the exports API gives it. */
  result: Record<string, unknown>;
  people: { name: string; judgement: Judgement }[];
};

/** Prints what was made, where it lies, and how well: everything measured from the files themselves. */
export function printReport(options: { manifest: Manifest; films: FilmReport[]; say: (text: string) => void }): void {
  const { manifest, films, say } = options;
  const { timeline, tracks } = manifest;
  const chunks = [...timeline.events, ...timeline.surfaces.flatMap((surface) => surface.chunks)];
  const interactive = timeline.events.reduce((sum, chunk) => sum + chunk.eventCount, 0);
  const dom = chunks.reduce((sum, chunk) => sum + chunk.eventCount, 0) - interactive;
  const mediaBytes = tracks.reduce((sum, track) => sum + (track.media?.sizeBytes ?? 0), 0);
  const timelineBytes = chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, 0);

  say('\nWhat was made');
  printTable(say, [
    ['recording', manifest.recordingId, manifest.endReason ?? ''],
    ['duration', `${(manifest.durationMs / 1000).toFixed(1)} s`, ''],
    ['tracks', String(tracks.length), `${megabytes(mediaBytes)} of derived media`],
    ['events', `${interactive} interactive, ${dom} DOM`, `${megabytes(timelineBytes)} in ${chunks.length} chunks`],
    ...films.map(({ name, path, result }) => [
      `film "${name}"`,
      `${megabytes(statSync(path).size)}, made at ${speedOf(result)}`,
      path,
    ]),
  ]);
  say('\nHow well, by flash, beep and burned-in frame number');
  printTable(say, [
    ['film', 'person', 'flashes with beep', 'A/V offset, median', '95 of 100 within'],
    ...films.flatMap(({ name, people }) =>
      people.map(({ name: person, judgement }) => [
        name,
        person,
        `${judgement.offsetsMs.length} of ${judgement.flashes.length}`,
        milliseconds(quantile(judgement.offsetsMs, 0.5)),
        milliseconds(quantile(judgement.offsetsMs.map(Math.abs), 0.95)),
      ]),
    ),
  ]);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

function milliseconds(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(0)} ms` : '';
}

function speedOf(result: Record<string, unknown>): string {
  return typeof result.speed === 'number' ? `${result.speed.toFixed(1)} × real time` : 'an unknown speed';
}
