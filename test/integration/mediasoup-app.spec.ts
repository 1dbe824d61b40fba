import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cp, readFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ObjectStore } from '@rushes/object-store';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { RecorderModule } from '@rushes/recorder';
import { RecordingsModule } from '@rushes/recordings';
import { manifestSchema, objectKeys, recordingPrefix, type Manifest } from '@rushes/timeline';
import { TimelineWriterModule } from '@rushes/timeline-writer';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ensureBuilt } from '../../scripts/setup/ensure-built.mjs';
import { findWorkerBinary } from '../../libs/rooms/src/media/worker-binary.ts';
import { judgeLipSync } from '../content/judge-lip-sync.ts';
import { voices } from '../content/signal.ts';
import { bundleForBrowser, launchChromium } from '../fixtures/browser.ts';
import { againIfMachineStoodStill } from '../fixtures/machine-watch.ts';

const project = join(import.meta.dirname, '../..');
const example = join(project, 'examples/mediasoup-app');
const run = promisify(execFile);
let app: TestApplication;
let folder: string;
let server: ChildProcess;
let serverUrl: string;
const lines: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-example-'));
  await layOutApp();
  app = await startTestApplication([RecorderModule, TimelineWriterModule.forRoot({ plugins: [] }), RecordingsModule]);
  server = spawn(process.execPath, [join(folder, 'recorded-server.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      RUSHES_URL: app.url,
      RUSHES_API_KEY: testApiKey,
      MEDIASOUP_WORKER_BIN: findWorkerBinary(),
    },
  });
  createInterface(server.stdout!).on('line', (line) => lines.push(line));
  serverUrl = await lineFrom('http');
});
afterAll(async () => {
  server.kill('SIGKILL');
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

/** The example in a folder of its own, with the package that was packed for npm, and nothing else of ours. */
async function layOutApp(): Promise<void> {
  await ensureBuilt('packages');
  await cp(example, folder, { recursive: true });
  const packages = join(folder, 'node_modules');
  await mkdir(join(packages, '@rushes'), { recursive: true });
  for (const name of ['esbuild', 'mediasoup', 'mediasoup-client', 'ws', 'zod', '@types']) {
    await symlink(join(project, 'node_modules', name), join(packages, name));
  }
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: join(project, 'dist/npm/recorder') });
  const { version } = JSON.parse(await readFile(join(project, 'libs/recorder/package.json'), 'utf8')) as {
    version: string;
  };
  await run('tar', ['-xf', join(folder, `rushes-recorder-${version}.tgz`), '-C', join(packages, '@rushes')]);
  await rename(join(packages, '@rushes/package'), join(packages, '@rushes/recorder'));
}

/** The first line that the server says beginning so. */
function lineFrom(beginning: string): Promise<string> {
  return vi.waitFor(() => {
    const line = lines.find((each) => each.startsWith(beginning));
    if (line === undefined) throw new Error(`the server has not said ${beginning} yet`);
    return line;
  }, 30_000);
}

async function readManifest(recordingId: string): Promise<Manifest> {
  const bytes = await app.app.get<ObjectStore>(ObjectStore).read(recordingPrefix(recordingId) + objectKeys.manifest);
  return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

it('adds recording to a mediasoup app by the marked lines alone', async () => {
  const [before, after] = await Promise.all(
    ['server.mjs', 'recorded-server.mjs'].map(async (name) =>
      (await readFile(join(example, name), 'utf8')).split('\n').filter((line) => !line.startsWith('// ')),
    ),
  );
  const marked = after!.filter((line) => line.endsWith('// +'));
  expect(after!.filter((line) => !marked.includes(line))).toEqual(before);
  expect(marked.length).toBeLessThanOrEqual(13);
});

it('tells TypeScript what its options are', async () => {
  const program = (source: string) => `
    import type { types } from 'mediasoup';
    import { createRecorder, RecorderError } from '@rushes/recorder/client';
    export async function record(router: types.Router, producer: types.Producer): Promise<string> {
      const recorder = await createRecorder({ apiUrl: 'https://rushes.example.com', apiKey: 'rk_1' });
      const recordingId = await recorder.startRecording({ roomId: 'r' });
      const options = { recordingId, participantId: 'ada', participantName: 'Ada', source: '${source}' as const };
      const { trackId } = await recorder.recordProducer(router, producer, options);
      if (recordingId === '') throw new RecorderError('empty', 'expected an id', false);
      return trackId;
    }`;
  const check = async (source: string) => {
    await writeFile(join(folder, 'program.ts'), program(source));
    const tsc = join(project, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    return run(process.execPath, [tsc, ...options, 'program.ts'], { cwd: folder });
  };
  await check('camera');
  await expect(check('webcam')).rejects.toMatchObject({ stdout: expect.stringContaining('\'"webcam"\'') as string });
});

it('records what a browser publishes into that app: who, when muted, in sync', againIfMachineStoodStill(), async () => {
  // What is said of this meeting.
  lines.length = 0;
  const [voice] = voices;
  const chromium = await launchChromium();
  try {
    const page = await chromium.browser.newPage();
    await page.goto(serverUrl);
    await page.addScriptTag({
      content: await bundleForBrowser(join(import.meta.dirname, '../fixtures/publisher/camera.ts')),
    });
    await page.evaluate(`useClockedCamera(${voice.beepHz})`);
    await page.type('input', 'Ann');
    await page.click('form button');
    await page.waitForSelector('#mute:not([hidden])');
    await delay(4000);
    await page.click('#mute');
    await page.waitForFunction(`document.getElementById('mute').textContent === 'Unmute'`);
    await delay(2000);
    await page.click('#mute');
    await delay(3000);
  } finally {
    await chromium.close();
  }

  const recordingId = (await lineFrom('recording ')).slice('recording '.length);
  await vi.waitFor(async () => expect((await readManifest(recordingId)).status).toBe('ready'), 30_000);
  const { tracks, participants, durationMs } = await readManifest(recordingId);
  expect(participants).toMatchObject([{ name: 'Ann', presences: [{ leftAtMs: expect.any(Number) as number }] }]);
  expect(tracks.map(({ source }) => source).sort()).toEqual(['camera', 'microphone']);
  expect(tracks.every(({ participantId }) => participantId === participants[0]!.participantId)).toBe(true);
  expect(durationMs).toBeGreaterThan(8000);
  const [audio, video] = ['audio', 'video'].map((kind) => tracks.find((track) => track.kind === kind)!);
  expect(audio!.sync).toMatchObject({ method: 'sender-reports' });
  expect(audio!.gaps).toEqual([expect.objectContaining({ reason: 'muted' })]);
  expect(audio!.gaps[0]!.toMs - audio!.gaps[0]!.fromMs).toBeGreaterThan(1800);

  const files = await Promise.all(
    [audio, video].map(async (track) => {
      const path = join(folder, `${track!.kind}.webm`);
      const key = recordingPrefix(recordingId) + track!.media!.key;
      await writeFile(path, await app.app.get<ObjectStore>(ObjectStore).read(key));
      return { ...track!.media!, path };
    }),
  );
  const { medianMs, pictures, beeps } = await judgeLipSync({ audio: files[0]!, video: files[1]! }, voice);
  expect(pictures).toBeGreaterThan(90);
  expect(beeps).toBeGreaterThanOrEqual(5);
  expect(Math.abs(medianMs)).toBeLessThanOrEqual(40);
});
