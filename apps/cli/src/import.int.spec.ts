import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase, RecordingEntity } from '@rushes/database';
import { ImportsModule, type ImportState } from '@rushes/imports';
import { runFfmpegArgs } from '@rushes/media';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { startTestApplication, testApiKey } from '@rushes/platform/testing';
import { manifestSchema, objectKeys, recordingPrefix } from '@rushes/timeline';
import { afterAll, beforeAll, expect, it } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
let folder: string;
let dataDir: string;
beforeAll(async () => {
  [folder, dataDir] = [await mkdtemp(join(tmpdir(), 'rushes-cli-')), await mkdtemp(join(tmpdir(), 'rushes-cli-'))];
  const tone = ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=2'];
  await runFfmpegArgs([...tone, join(folder, 'Ann-microphone.wav')]);
  await mkdir(join(folder, 'Ben'));
  await runFfmpegArgs([...tone, '-c:a', 'libopus', join(folder, 'Ben', 'audio.ogg')]);
  await writeFile(join(folder, 'chat.txt'), '[00:01] Ann: Hi\n');
  await writeFile(join(folder, 'broken.mp4'), 'nothing of the kind');
}, 60_000);
afterAll(() => Promise.all([folder, dataDir].map((path) => rm(path, { recursive: true, force: true }))));

type Outcome = { exitCode: number; stdout: string; stderr: string };

/** The real command in a process of its own. */
function rushes(args: readonly string[], env: Record<string, string>): Promise<Outcome> {
  const argv = ['--import', 'tsx', main, 'import', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { env: { PATH: process.env.PATH, ...env } }, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

const outcomes = [
  ['Ann-microphone.wav', 'imported'],
  ['Ben/audio.ogg', 'imported'],
  ['broken.mp4', 'refused'],
  ['chat.txt', 'imported'],
];

it('imports a folder into a recording that is ready, and ends with 1 for a file that is not', async () => {
  const { exitCode, stdout, stderr } = await rushes([folder, '--json'], { RUSHES_DATA_DIR: dataDir });
  expect(stderr).toMatch(/^broken.mp4: expected WebM/);
  expect(exitCode).toBe(1);
  const { recordingId, files } = JSON.parse(stdout) as ImportState;
  expect(files.map(({ file, outcome }) => [file, outcome])).toEqual(outcomes);

  const database = await openDatabase({ dataDir });
  const row = await database.dataSource.getRepository(RecordingEntity).findOneBy({ recordingId });
  await database.close();
  expect(row).toMatchObject({ status: 'ready', endReason: 'imported' });
  const stored = await new FilesystemObjectStore(join(dataDir, 'objects')).read(
    recordingPrefix(recordingId) + objectKeys.manifest,
  );
  const manifest = manifestSchema.parse(JSON.parse(Buffer.from(stored).toString()));
  expect(manifest.participants.map(({ participantId, name }) => [participantId, name])).toEqual([
    ['ann', 'Ann'],
    ['ben', 'Ben'],
  ]);
  expect(manifest.tracks).toHaveLength(2);
}, 120_000);

it('uploads a folder to a service that runs, and says so where it has the data to itself', async () => {
  const service = await startTestApplication([ImportsModule]);
  try {
    const uploaded = await rushes([folder, '--url', service.url, '--json'], { RUSHES_API_KEY: testApiKey });
    const { status, files } = JSON.parse(uploaded.stdout) as ImportState;
    expect(status).toBe('done');
    expect(files.map(({ file, outcome }) => [file, outcome])).toEqual(outcomes);

    const locked = await rushes([folder], { RUSHES_DATA_DIR: service.dataDir });
    expect(locked).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('by --url') as string });
    const refused = await rushes([folder, '--url', service.url], { RUSHES_API_KEY: 'x'.repeat(32) });
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
  } finally {
    await service.close();
  }
}, 120_000);

it('makes nothing of a folder that holds nothing', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'rushes-cli-'));
  await writeFile(join(empty, 'import.json'), '{"tracks":[{"file":"ann.webm"}]}');
  const { exitCode, stderr } = await rushes([empty], { RUSHES_DATA_DIR: dataDir });
  await rm(empty, { recursive: true });
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^import.json: tracks\.0\.participant: /)]);
}, 60_000);

it('names the folder that is not there', async () => {
  for (const path of ['/no/such/folder', join(folder, 'chat.txt')]) {
    const { exitCode, stderr } = await rushes([path], { RUSHES_DATA_DIR: dataDir });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`'${path}' is invalid for argument 'folder'. Expected a folder that is there.`);
  }
}, 60_000);
