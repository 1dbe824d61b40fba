import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectStore } from '@rushes/object-store';
import { recordingPrefix } from '@rushes/timeline';
import { RecordingLifecycle, TokenService } from '@rushes/platform';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { RecordingsModule } from './recordings.module.ts';

const media = Buffer.from('0123456789');
const asset = `assets/${'a'.repeat(64)}`;
const prefix = '/v1/recordings/r1/';
let app: TestApplication;
let store: ObjectStore;

beforeAll(async () => {
  app = await startTestApplication([RecordingsModule]);
  store = app.app.get(ObjectStore);
  const put = (key: string, bytes: Uint8Array, contentType: string) =>
    store.put(recordingPrefix('r1') + key, bytes, { contentType });
  await put('manifest.json', Buffer.from('{"version":1}'), 'application/json');
  await put('tracks/t1/media.webm', media, 'video/webm');
  await put('timeline/events/0000000000.ndjson.gz', media, 'application/gzip');
  await put(
    asset,
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    'image/svg+xml',
  );
  await put('exports/e1/out.mp4', media, 'video/mp4');
  await store.put(`${recordingPrefix('r2')}tracks/t1/media.webm`, media);
}, 60_000);
afterAll(() => app.close());

const get = (key: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(app.url + prefix + key, { method, headers: { authorization: `Bearer ${testApiKey}`, ...headers } });

describe('whole objects', () => {
  it('are served with their type, size and tag, to be asked for again', async () => {
    const response = await get('tracks/t1/media.webm');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'video/webm',
      'content-length': '10',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
      etag: expect.stringMatching(/^"[^"]+"$/) as string,
    });
    expect(await response.text()).toBe('0123456789');
  });

  it('are not sent again when they have not changed', async () => {
    for (const key of ['manifest.json', 'tracks/t1/media.webm', asset]) {
      const etag = (await get(key)).headers.get('etag')!;
      const again = await get(key, { 'if-none-match': etag });
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
      expect((await get(key, { 'if-none-match': '"other"' })).status).toBe(200);
    }
  });

  it('are described by HEAD without their bytes', async () => {
    const response = await get('tracks/t1/media.webm', {}, 'HEAD');
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '10', '']);
    const part = await get('tracks/t1/media.webm', { range: 'bytes=2-4' }, 'HEAD');
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 2-4/10']);
  });

  it('are kept for good when they are named after their content, and do nothing when opened as a page', async () => {
    const { headers } = await get(asset);
    expect(headers.get('cache-control')).toContain('immutable');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'.*; sandbox$/);
  });

  it('can be read by pages of any origin that have a token', async () => {
    const preflight = await fetch(`${app.url}${prefix}manifest.json`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://meet.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect((await get('manifest.json')).headers.get('access-control-expose-headers')).toContain('content-range');
  });
});

describe('ranges', () => {
  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=0-', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
  ])('%s gives %s', async (range, text, contentRange) => {
    const response = await get('tracks/t1/media.webm', { range });
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
      206,
      contentRange,
      text,
    ]);
    expect(response.headers.get('content-length')).toBe(String(text.length));
  });

  it.each(['bytes=10-', 'bytes=99-100', 'bytes=4-2'])('%s lies outside', async (range) => {
    const response = await get('tracks/t1/media.webm', { range });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    expect(await response.json()).toMatchObject({ code: 'range-not-satisfiable' });
  });

  it.each(['bytes=a-b', 'lines=1-2', 'bytes=0-1,4-5', 'nonsense'])('%s is passed over', async (range) => {
    const response = await get('tracks/t1/media.webm', { range });
    expect([response.status, await response.text()]).toEqual([200, '0123456789']);
  });

  it('are given only when the object is still the one that the caller has begun', async () => {
    const etag = (await get('tracks/t1/media.webm')).headers.get('etag')!;
    expect((await get('tracks/t1/media.webm', { range: 'bytes=2-4', 'if-range': etag })).status).toBe(206);
    expect((await get('tracks/t1/media.webm', { range: 'bytes=2-4', 'if-range': '"older"' })).status).toBe(200);
  });
});

describe('what is not served', () => {
  it.each([
    'tracks/t1/secret.txt',
    'tracks/t2/media.webm',
    'exports/e1/out.mp4',
    'assets/short',
    'timeline/events/..%2f..%2fmanifest.json',
    'tracks/..%2f..%2fr2%2ftracks/t1/media.webm',
    'tracks/%2e%2e/%2e%2e/r2/tracks/t1/media.webm',
    'tracks/t1/media.webm%00',
    'tracks/t1//media.webm',
  ])('%s', async (key) => {
    const answer = await getRaw(prefix + key);
    expect([answer.status, answer.type]).toEqual([404, 'application/problem+json']);
  });

  it('anything by a raw path that climbs out', async () => {
    const answer = await getRaw(`${prefix}tracks/../../r2/tracks/t1/media.webm`);
    expect(answer.status).toBe(404);
  });

  it('a recording of which the token says nothing', async () => {
    const token = await app.app.get(TokenService).issue({ scope: 'viewer', recordingId: 'r2', canExport: true }, 60);
    const fetchWith = (path: string) => fetch(`${app.viewerUrl}${path}?token=${token}`);
    expect((await fetchWith('/v1/recordings/r2/tracks/t1/media.webm')).status).toBe(200);
    for (const key of ['manifest.json', 'tracks/t1/media.webm', asset, 'tracks/unknown/media.webm']) {
      expect((await fetchWith(prefix + key)).status).toBe(403);
    }
  });

  it('anything without a token', async () => {
    expect((await fetch(`${app.viewerUrl}${prefix}manifest.json`)).status).toBe(401);
  });

  it('a manifest that is not written yet, which is told from a recording that is not there', async () => {
    const lifecycle = app.app.get(RecordingLifecycle);
    const { recordingId } = await lifecycle.start({ roomId: 'room', holderId: lifecycle.holderId });
    const read = async (id: string) => {
      const response = await fetch(`${app.url}/v1/recordings/${id}/manifest.json`, {
        headers: { authorization: `Bearer ${testApiKey}` },
      });
      return [response.status, ((await response.json()) as { code: string }).code];
    };
    expect(await read(recordingId)).toEqual([404, 'manifest-not-written']);
    expect(await read('unknown')).toEqual([404, 'recording-not-found']);
  });

  it('writes', async () => {
    const response = await get('manifest.json', {}, 'PUT');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

/** Unlike `fetch`, sends the path as it is. */
function getRaw(path: string): Promise<{ status: number | undefined; type: string | undefined }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${testApiKey}` };
    request(app.url, { path, headers }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, type: response.headers['content-type'] });
    })
      .on('error', reject)
      .end();
  });
}
