import { join } from 'node:path';
import { judgeFilm, type Film } from '../../test/content/judge.ts';
import { voices } from '../../test/content/signal.ts';
import { ApiClient, type ExportStatus } from './api-client.ts';
import { names, runMeeting } from './meeting-script.ts';
import { printReport, type FilmReport } from './report.ts';

export type DemonstrateOptions = {
  /** Where the product runs, in whatever form. */
  url: string;
  viewerUrl: string;
  apiKey: string;
  /** Gets the films. */
  folder: string;
  /** Length of the meeting in minutes. */
  pace: number;
  say: (text: string) => void;
};

const size = { width: 1280, height: 720, fps: 30 };

/** Holds the demo's meeting, makes its films and prints what was made and how well. @returns the replay's address */
export async function demonstrate(options: DemonstrateOptions): Promise<string> {
  const { url, viewerUrl, apiKey, folder, pace, say } = options;
  const api = new ApiClient(url, apiKey);
  say('Three people meet:');
  const { recordingId, people } = await runMeeting({
    api,
    roomId: 'demo',
    pace,
    onStep: (atSeconds, text) => say(`  ${atSeconds.toFixed(0).padStart(3)} s  ${text}`),
  });
  const ids = await Promise.all(people.map((person) => person.participantId));
  const cameras = await Promise.all(people.map((person) => person.cameraMoments()));
  await Promise.all(people.map((person) => person.close()));

  say('\nThe tracks are being derived.');
  const manifest = await api.whenRecordingReady(recordingId);
  const films: FilmReport[] = [];
  for (const [name, request] of [
    ['room, grid', { perspective: 'room', layout: 'grid' }],
    [`as ${names[0]} saw it`, { perspective: `dom:${ids[0]}` }],
  ] as const) {
    say(`The film "${name}" is being made.`);
    const exportId = await api.createExport(recordingId, { ...request, ...size });
    films.push(await judged(name, await api.whenExportDone(exportId)));
  }
  printReport({ manifest, films, say });
  const token = await api.issueToken({ scope: 'viewer', canExport: true });
  return `${viewerUrl}/?recording=${recordingId}#token=${token}`;

  async function judged(name: string, { exportId, result }: ExportStatus): Promise<FilmReport> {
    const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.mp4`);
    await api.download(`/v1/exports/${exportId}/file`, path);
    const film: Film = { path, ...size };
    const { recordedAt } = manifest;
    const judgements = await judgeFilm(film, voices.slice(0, names.length), { recordedAt, cameras });
    const people = names.map((person, index) => ({ name: person, judgement: judgements[index]! }));
    return { name, path, result: result ?? {}, people };
  }
}
