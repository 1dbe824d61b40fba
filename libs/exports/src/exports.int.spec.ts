import { readdir, readFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '@rushes/database';
import { ObjectStore } from '@rushes/object-store';
import { newId, RecordingLifecycle, TokenService } from '@rushes/platform';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { recordingPrefix } from '@rushes/timeline';
import { probe } from '@rushes/media';
import { writeSyntheticRecording } from '../../../test/fixtures/synthetic-recording.ts';
import { ExportsModule } from './exports.module.ts';
import type { Export, ExportList } from './schemas.ts';

let app: TestApplication;
let folder: string;
let recordingId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-exports-'));
  await writeSyntheticRecording(folder, { participants: 1, durationMs: 3000 });
  app = await startTestApplication([ExportsModule]);
  recordingId = await makeRecording('ready');
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

/** A recording whose objects are the synthetic one's. */
async function makeRecording(status: string): Promise<string> {
  const lifecycle = app.app.get(RecordingLifecycle);
  const started = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
  await lifecycle.end(started.recordingId, 'stopped');
  const { pool } = app.app.get(Database);
  await pool.query('UPDATE recordings SET "status" = $2 WHERE "recordingId" = $1', [started.recordingId, status]);
  const store = app.app.get<ObjectStore>(ObjectStore);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    await store.put(recordingPrefix(started.recordingId) + relative(folder, path), createReadStream(path));
  }
  return started.recordingId;
}

async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  token = testApiKey,
): Promise<{ status: number; body: T }> {
  const response = await fetch(app.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

const small = { perspective: 'room', layout: 'grid', width: 320, height: 180, fps: 10 };

async function create(request: object = small): Promise<Export> {
  const { status, body } = await call<Export>('POST', `/v1/recordings/${recordingId}/exports`, request);
  expect(status).toBe(201);
  return body;
}

/** The states that the event stream tells, until it ends or `isEnough`. */
async function watch(exportId: string, isEnough: (state: Export) => boolean = () => false): Promise<Export[]> {
  const response = await fetch(`${app.url}/v1/exports/${exportId}/events`, {
    headers: { authorization: `Bearer ${testApiKey}` },
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const states: Export[] = [];
  let text = '';
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + part).split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) states.push(JSON.parse(data) as Export);
    }
    if (states.some(isEnough)) break;
  }
  return states;
}

/** The renderer's process of an export: it works in the export's own folder. */
async function findChild(exportId: string): Promise<number | undefined> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const [environment, command] = await Promise.all(
      ['environ', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    if (environment!.includes(`exports/${exportId}/tmp`) && command!.includes('render-child')) return Number(pid);
  }
  return undefined;
}

/** Every process that works in the export's folder. */
async function processesOf(exportId: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(`exports/${exportId}/tmp`)) found.push(pid);
  }
  return found;
}

describe('an export', () => {
  it('is made, tells its progress, and is downloaded whole and in ranges', async () => {
    const { exportId } = await create();
    const states = await watch(exportId);
    expect(states.at(-1)).toMatchObject({ status: 'done', progress: 1, error: null });
    expect(states.at(-1)!.result).toMatchObject({ durationMs: 3000, frames: 30, warnings: [] });
    const progress = states.map((state) => state.progress);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));

    const token = await app.app.get(TokenService).issue({ scope: 'viewer', recordingId, canExport: true }, 60);
    const url = `${app.viewerUrl}/v1/exports/${exportId}/file?token=${token}`;
    const whole = await fetch(url);
    const bytes = Buffer.from(await whole.arrayBuffer());
    expect(whole.headers.get('content-type')).toBe('video/mp4');
    const range = await fetch(url, { headers: { range: 'bytes=4-7' } });
    expect([range.status, await range.text()]).toEqual([206, 'ftyp']);
    const file = join(folder, 'downloaded.mp4');
    await writeFile(file, bytes);
    expect((await probe(file)).streams.map((stream) => stream.codec_name)).toEqual(['h264', 'aac']);
    await rm(file);

    const { body } = await call<ExportList>('GET', `/v1/recordings/${recordingId}/exports`);
    expect(body.exports.map((each) => each.exportId)).toContain(exportId);
    expect(await readdir(join(app.dataDir, 'exports'))).toEqual([]);
  });

  it('goes on after its process was killed', async () => {
    const { exportId } = await create();
    await watch(exportId, (state) => state.status === 'running' && state.progress >= 0);
    let pid: number | undefined;
    await expect.poll(async () => (pid = await findChild(exportId)), { timeout: 20_000 }).toBeDefined();
    process.kill(pid!, 'SIGKILL');
    expect((await watch(exportId)).at(-1)).toMatchObject({ status: 'done' });
  });

  it('leaves no process and no file behind when it is cancelled', async () => {
    const { exportId } = await create({ ...small, width: 1280, height: 720, fps: 60 });
    await expect.poll(() => findChild(exportId), { timeout: 20_000 }).toBeDefined();
    expect((await call<Export>('DELETE', `/v1/exports/${exportId}`)).body.status).toBe('cancelled');
    await expect.poll(() => processesOf(exportId), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => readdir(join(app.dataDir, 'exports')), { timeout: 10_000 }).toEqual([]);
    expect((await call('DELETE', `/v1/exports/${exportId}`)).status).toBe(200);
    expect((await call('GET', `/v1/exports/${exportId}/file`)).status).toBe(409);
  });
});

describe('what cannot be exported', () => {
  it('is refused with the field and what was expected', async () => {
    const path = `/v1/recordings/${recordingId}/exports`;
    const unknown = await call('POST', path, { ...small, perspective: 'dom:elsewhere' });
    expect(unknown).toMatchObject({
      status: 422,
      body: { code: 'perspective-unknown', errors: [{ field: 'body.perspective' }] },
    });
    const odd = await call('POST', path, { ...small, width: 321, fps: 61 });
    expect(odd).toMatchObject({ status: 400, body: { errors: [{ field: 'body.width' }, { field: 'body.fps' }] } });
    const misspelt = await call('POST', path, { ...small, fromMS: 1000 });
    expect(misspelt).toMatchObject({ status: 400, body: { errors: [{ field: 'body.fromMS' }] } });
    const late = await call('POST', path, { ...small, fromMs: 5000 });
    expect(late).toMatchObject({ status: 422, body: { code: 'range-outside' } });
    expect((await call('POST', '/v1/recordings/nowhere/exports', small)).status).toBe(404);
  });

  it('is refused while the recording is not complete', async () => {
    const unfinished = await makeRecording('processing');
    const refused = await call('POST', `/v1/recordings/${unfinished}/exports`, small);
    expect(refused).toMatchObject({ status: 409, body: { code: 'recording-processing' } });
  });

  it('is refused to a token that may only look', async () => {
    const token = await app.app.get(TokenService).issue({ scope: 'viewer', recordingId, canExport: false }, 60);
    expect((await call('POST', `/v1/recordings/${recordingId}/exports`, small, token)).status).toBe(403);
  });
});
