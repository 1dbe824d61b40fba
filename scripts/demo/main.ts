import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { judgeFilm, type Film } from '../../test/content/judge.ts';
import { voices } from '../../test/content/signal.ts';
import { ApiClient, type ExportStatus } from './api-client.ts';
import { names, runMeeting } from './meeting-script.ts';
import { printReport, type FilmReport } from './report.ts';
import { takePicture } from './take-picture.ts';
import { startStandalone, type StandaloneProcess } from './standalone-process.ts';

const usage = `npm run demo -- [options]

  --once        end when everything is made, instead of staying up for a look
  --pace N      length of the meeting in minutes (default 1)
  --picture     also take README's picture of the viewer, docs/images/viewer.png
  --data DIR    where to keep it all (default data/demo, emptied first)
`;

const { values: options } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    picture: { type: 'boolean', default: false },
    pace: { type: 'string', default: '1' },
    data: { type: 'string', default: 'data/demo' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const pace = Number(options.pace);
if (!(pace >= 0.5 && pace <= 1.9)) {
  process.stderr.write(`--pace: expected 0.5 to 1.9, got "${options.pace}"\n${usage}`);
  process.exit(2);
}

const size = { width: 1280, height: 720, fps: 30 };
const say = (text: string) => process.stdout.write(`${text}\n`);
const dataDir = join(process.cwd(), options.data);
await rm(dataDir, { recursive: true, force: true });
await mkdir(dataDir, { recursive: true });

let standalone: StandaloneProcess | undefined;
process.once('SIGINT', () => {
  void (standalone?.end() ?? Promise.resolve()).then(() => process.exit(0));
});
try {
  standalone = await startStandalone({ dataDir });
  await demonstrate(standalone);
  if (options.once) await standalone.end();
} catch (error) {
  await standalone?.end();
  throw error;
}

async function demonstrate({ url, viewerUrl, apiKey, logFile }: StandaloneProcess): Promise<void> {
  const api = new ApiClient(url, apiKey);
  say(`\nRushes runs at ${url}; its log is ${logFile}\n`);
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
  const address = `${viewerUrl}/?recording=${recordingId}#token=${token}`;
  if (options.picture) await takePicture({ address, atSeconds: 35 * pace, path: 'docs/images/viewer.png' });
  say(`\nThe replay: ${address}`);
  if (!options.once) say('It stays up until Ctrl-C.');

  async function judged(name: string, { exportId, result }: ExportStatus): Promise<FilmReport> {
    const path = join(dataDir, `${name.replaceAll(/\W+/g, '-')}.mp4`);
    await api.download(`/v1/exports/${exportId}/file`, path);
    const film: Film = { path, ...size };
    const { recordedAt } = manifest;
    const judgements = await judgeFilm(film, voices.slice(0, names.length), { recordedAt, cameras });
    const people = names.map((person, index) => ({ name: person, judgement: judgements[index]! }));
    return { name, path, result: result ?? {}, people };
  }
}
