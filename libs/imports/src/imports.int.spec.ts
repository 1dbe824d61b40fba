import { request as httpRequest } from 'node:http';
import { chmod, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@rushes/database';
import { newId, RecordingLifecycle, RecordingRows } from '@rushes/platform';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ImportsModule } from './imports.module.ts';
import type { ImportState } from './import-state.ts';
import { ImportsService } from './imports-service.ts';

let app: TestApplication;
beforeAll(async () => {
  app = await startTestApplication([ImportsModule], { RUSHES_IMPORT_LIMIT_BYTES: '10000000' });
}, 60_000);
afterAll(() => app.close());

type Answer = { status: number; body: Partial<ImportState> & { code?: string; errors?: object[]; detail?: string } };

async function post(files: Record<string, string | Blob>, headers: Record<string, string> = {}): Promise<Answer> {
  const form = new FormData();
  for (const [name, content] of Object.entries(files)) form.append('file', new Blob([content]), name);
  const response = await fetch(`${app.url}/v1/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testApiKey}`, ...headers },
    body: form,
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function get(recordingId: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${testApiKey}` };
  const response = await fetch(`${app.url}/v1/imports/${recordingId}`, { headers });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const chat = { 'chat.txt': '[00:01] Ann: Hi\n[00:04] Ben: Hello\n' };
const document = (value: object) => ({ 'import.json': JSON.stringify(value) });
const uploads = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('rushes-upload-'));
const recordings = async () => (await app.app.get(Database).pool.query('SELECT 1 FROM recordings')).rowCount;

describe('POST /v1/imports', () => {
  it('makes a recording of what a folder says by its names alone', async () => {
    const before = await uploads();
    const { status, body } = await post({ ...chat, 'deep/er/minutes.docx': 'x' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: 'done',
      files: [
        { file: 'chat.txt', outcome: 'imported', events: 2 },
        { file: 'deep/er/minutes.docx', outcome: 'refused', problems: [expect.stringContaining('expected WebM')] },
      ],
    });
    expect((await get(body.recordingId!)).body).toEqual(body);
    const { rows } = await app.app
      .get(Database)
      .pool.query('SELECT * FROM recordings WHERE "recordingId" = $1', [body.recordingId]);
    expect(rows).toMatchObject([{ roomId: 'imported', status: 'processing', endedAtMs: 4000, heldUntil: null }]);
    expect(await uploads()).toEqual(before);
  });

  it('names the fields of import.json that are wrong', async () => {
    const before = await recordings();
    const { status, body } = await post({ ...chat, ...document({ title: '', chat: [] }) });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'import-json-invalid',
      errors: [
        { field: 'title', expected: 'expected a text' },
        { field: 'chat', expected: 'no such field' },
      ],
    });
    expect(await recordings()).toBe(before);
  });

  it('says of every file why, when there is nothing to import', async () => {
    const { status, body } = await post({
      ...document({
        tracks: [
          { file: 'a.webm', participant: 'ann' },
          { file: 'b.rtpdump', participant: 'ann' },
        ],
      }),
      'a.webm': 'no media',
    });
    expect(status).toBe(422);
    expect(body.errors).toEqual([
      { field: 'a.webm', expected: expect.stringContaining('expected WebM') as string },
      { field: 'b.rtpdump', expected: 'expected a file, there is none of this name' },
    ]);
  });

  it.each(['../chat.txt', '/etc/chat.txt', 'a/../../chat.txt', '.hidden', 'a//b.txt'])(
    'refuses the file name %s',
    async (name) => {
      const { status, body } = await raw(`filename="${name}"`);
      expect([status, body.code]).toEqual([400, 'upload-invalid']);
    },
  );

  it.each([
    ['no file', 'x="y"', 400, 'upload-invalid'],
    ['the same name twice', 'filename="chat.txt"', 400, 'upload-invalid'],
  ])('refuses %s', async (_, disposition, status, code) => {
    const answer = await raw(disposition, 2);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('refuses more bytes than it may take, at once and as they come', async () => {
    const before = await uploads();
    const { status, body } = await post({ 'chat.txt': 'x'.repeat(12_000_000) });
    expect([status, body.code]).toEqual([413, 'upload-too-large']);
    expect(await raw('filename="chat.txt"', 1, 'x'.repeat(10_500_000))).toMatchObject({ status: 413 });
    expect(await uploads()).toEqual(before);
  });

  it('takes nothing but uploads, from nobody without a key', async () => {
    expect((await post(chat, { authorization: 'Bearer nobody' })).status).toBe(401);
    const json = await fetch(`${app.url}/v1/imports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testApiKey}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(json.status).toBe(415);
  });

  it('leaves nothing behind of an upload that breaks off', async () => {
    const before = await uploads();
    const upload = httpRequest(`${app.url}/v1/imports`, { method: 'POST', headers: multipart(100_000) });
    const closed = new Promise((resolve) => upload.once('error', resolve));
    upload.write(part('filename="chat.txt"', 'x'.repeat(5000)));
    await expect.poll(uploads).not.toEqual(before);
    upload.destroy(new Error('the line broke'));
    await closed;
    await expect.poll(uploads).toEqual(before);
  });
});

describe('an import whose files take long to look into', () => {
  let folder: string;
  /** Until then no file is looked into. */
  let openGate: () => Promise<void>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rushes-slow-'));
    const [gate, program] = [join(folder, '.gate'), join(folder, '.ffprobe')];
    await writeFile(program, `#!/bin/sh\nwhile [ ! -e ${gate} ]; do sleep 0.05; done\nexec ffprobe "$@"\n`);
    await chmod(program, 0o755);
    vi.stubEnv('FFPROBE_PATH', program);
    openGate = () => writeFile(gate, '');
    await writeFile(join(folder, 'broken.webm'), 'nothing of the kind');
  });
  afterEach(() => vi.unstubAllEnvs());

  it('is known before that, and becomes what the folder says', async () => {
    await writeFile(join(folder, 'chat.txt'), chat['chat.txt']);
    const { recordingId, ...begun } = await app.app.get(ImportsService).start(folder, 0);
    expect(begun).toEqual({ status: 'running', problem: null, files: [] });
    expect((await get(recordingId)).body).toEqual({ recordingId, ...begun });
    await openGate();
    await expect.poll(async () => (await get(recordingId)).body.status, { timeout: 30_000 }).toBe('done');
    const outcomes = (await get(recordingId)).body.files!.map(({ file, outcome }) => [file, outcome]);
    expect(outcomes).toEqual([
      ['broken.webm', 'refused'],
      ['chat.txt', 'imported'],
    ]);
    expect(await new RecordingRows(app.app.get(Database)).find(recordingId)).toMatchObject({
      ...{ roomId: 'imported', status: 'processing', endedAtMs: 4000, heldUntil: null },
    });
    await expect.poll(() => readdir(folder).catch(() => 'removed')).toBe('removed');
  });

  it('says when there was nothing in them', async () => {
    const { recordingId } = await app.app.get(ImportsService).start(folder, 0);
    await openGate();
    await expect.poll(async () => (await get(recordingId)).body.status, { timeout: 30_000 }).toBe('failed');
    expect((await get(recordingId)).body).toMatchObject({
      problem: expect.stringContaining('nothing in the folder can be imported') as string,
      files: [{ file: 'broken.webm', outcome: 'refused' }],
    });
    expect(await new RecordingRows(app.app.get(Database)).find(recordingId)).toMatchObject({ status: 'failed' });
  });
});

describe('GET /v1/imports', () => {
  it('knows no import that is not there, nor recordings that are none', async () => {
    const lifecycle = app.app.get(RecordingLifecycle);
    const { recordingId } = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
    for (const id of [recordingId, newId()]) {
      expect(await get(id)).toMatchObject({ status: 404, body: { code: 'import-not-found' } });
    }
  });

  it('tells of one that runs, and of one whose process has died', async () => {
    const recordingId = newId();
    const { pool } = app.app.get(Database);
    await pool.query(
      `INSERT INTO recordings ("recordingId", "roomId", "status", "recordedAt", "endReason", "heldUntil")
       VALUES ($1, 'imported', 'processing', 1, 'imported', $2)`,
      [recordingId, Date.now() + 60_000],
    );
    expect((await get(recordingId)).body).toMatchObject({ status: 'running', files: [] });
    await pool.query(`UPDATE recordings SET "status" = 'failed', "heldUntil" = NULL WHERE "recordingId" = $1`, [
      recordingId,
    ]);
    const { body } = await get(recordingId);
    expect(body).toMatchObject({ status: 'failed', problem: 'the process that imported it has ended' });
  });
});

const boundary = 'rushes-test-boundary';
function multipart(length: number): Record<string, string | number> {
  return {
    authorization: `Bearer ${testApiKey}`,
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': length,
  };
}
function part(disposition: string, content: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="file"; ${disposition}\r\n\r\n${content}\r\n`;
}

/** As no browser would send it. */
function raw(disposition: string, parts = 1, content = '[00:01] Ann: Hi'): Promise<Answer> {
  const body = `${part(disposition, content).repeat(parts)}--${boundary}--\r\n`;
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      `${app.url}/v1/imports`,
      { method: 'POST', headers: multipart(body.length) },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (each: string) => (text += each));
        response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) as Answer['body'] }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
