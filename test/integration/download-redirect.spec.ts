import { randomUUID } from 'node:crypto';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ObjectStore } from '@rushes/object-store';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { RecordingsModule } from '@rushes/recordings';
import { recordingPrefix } from '@rushes/timeline';
import { describeWith, s3Env } from '../fixtures/services.ts';

describeWith('s3', 'Downloads where the object store can serve them itself', () => {
  let app: TestApplication;
  let webDir: string;
  let endpoint: string;
  const bytes = Buffer.from('not really a film, but thirty-six bytes');

  beforeAll(async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...s3 } = await s3Env(randomUUID());
    Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
    endpoint = s3.RUSHES_S3_ENDPOINT;
    webDir = await mkdtemp(join(tmpdir(), 'rushes-web-'));
    await mkdir(join(webDir, 'viewer'));
    await writeFile(join(webDir, 'viewer', 'index.html'), '<!doctype html><title>viewer</title>');
    app = await startTestApplication([RecordingsModule], {
      ...s3,
      RUSHES_DOWNLOAD_REDIRECT: 'true',
      RUSHES_WEB_DIR: webDir,
    });
    const store = app.app.get<ObjectStore>(ObjectStore);
    await store.put(`${recordingPrefix('r1')}tracks/t1/media.webm`, bytes, { contentType: 'video/webm' });
    await store.put(`${recordingPrefix('r1')}timeline/events/0000000000.ndjson.gz`, bytes);
  });
  afterAll(async () => {
    await app.close();
    await rm(webDir, { recursive: true });
  });

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${app.url}/v1/recordings/r1/${path}`, {
      redirect: 'manual',
      ...init,
      headers: { authorization: `Bearer ${testApiKey}`, ...init.headers },
    });

  it('sends whoever may see a track to the store, which needs no key of ours and takes ranges', async () => {
    const answer = await ask('tracks/t1/media.webm');
    expect(answer.status).toBe(302);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    const location = answer.headers.get('location')!;
    expect(new URL(location).origin).toBe(endpoint);
    const range = await fetch(location, { headers: { range: 'bytes=4-9' } });
    expect([range.status, await range.text()]).toEqual([206, bytes.subarray(4, 10).toString()]);
  });

  it('sends nobody there who may not see it', async () => {
    const answer = await ask('tracks/t1/media.webm', { headers: { authorization: 'Bearer nothing' } });
    expect([answer.status, answer.headers.get('location')]).toEqual([401, null]);
    expect((await ask('tracks/t2/media.webm')).status).toBe(404);
  });

  it('answers HEAD, what is unchanged and small objects itself', async () => {
    const head = await ask('tracks/t1/media.webm', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    const etag = head.headers.get('etag')!;
    expect((await ask('tracks/t1/media.webm', { headers: { 'if-none-match': etag } })).status).toBe(304);
    const chunk = await ask('timeline/events/0000000000.ndjson.gz');
    expect([chunk.status, Buffer.from(await chunk.arrayBuffer()).equals(bytes)]).toEqual([200, true]);
  });

  it('lets the viewer play from there, and from nowhere else', async () => {
    const policy = (await fetch(app.viewerUrl)).headers.get('content-security-policy')!;
    expect(policy).toContain(`media-src 'self' blob: ${endpoint};`);
    expect(policy).toContain("img-src 'self' data: blob:;");
  });
});
