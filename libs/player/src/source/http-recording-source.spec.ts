import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveFolders, type StaticServer } from '../../../../test/fixtures/static-server.ts';
import { writeSyntheticRecording } from '../../../../test/fixtures/synthetic-recording.ts';
import { HttpRecordingSource } from './http-recording-source.ts';

let folder: string;
let server: StaticServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-source-'));
  await writeSyntheticRecording(folder, { participants: 1, media: false });
  await writeFile(join(folder, 'broken.json'), '{"version":1}');
  server = await serveFolders(
    { '/r/': folder },
    {
      handle(request, response) {
        if (request.url?.includes('token=bad') !== true) return false;
        response.writeHead(401).end();
        return true;
      },
    },
  );
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a recording over HTTP', () => {
  it('carries the token on to chunks and tracks', async () => {
    const source = new HttpRecordingSource({ manifestUrl: `${server.origin}/r/manifest.json`, token: 'abc' });
    const manifest = await source.loadManifest();
    const chunk = await source.loadChunk(manifest.timeline.events[0]!);
    expect(chunk.kind).toBe('events');
    expect(server.requests.slice(-2)).toEqual([
      '/r/manifest.json?token=abc',
      '/r/timeline/events/0000000000.ndjson.gz?token=abc',
    ]);
    expect(source.urlOf('tracks/t1/media.webm')).toBe(`${server.origin}/r/tracks/t1/media.webm?token=abc`);
  });

  it('gives the same manifest again when it has not changed', async () => {
    const source = new HttpRecordingSource({ manifestUrl: `${server.origin}/r/manifest.json` });
    expect(await source.loadManifest()).toBe(await source.loadManifest());
  });

  it.each([
    ['manifest.json?token=bad', 'unauthorised', 'expired'],
    ['none.json', 'not-found', 'no such recording'],
    ['broken.json', 'recording-invalid', 'recordingId'],
  ])('says of %s that it is %s', async (path, code, words) => {
    const source = new HttpRecordingSource({ manifestUrl: `${server.origin}/r/${path}` });
    await expect(source.loadManifest()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words) as string,
    });
  });

  it('says that nobody answers, and that it may be tried again', async () => {
    const source = new HttpRecordingSource({ manifestUrl: 'http://127.0.0.1:9/manifest.json' });
    await expect(source.loadManifest()).rejects.toMatchObject({ code: 'unreachable', retriable: true });
  });
});
