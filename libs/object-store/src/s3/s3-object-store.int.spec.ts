import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeWith, s3Settings, s3StrictSettings, type S3Settings } from '../../../../test/fixtures/services.ts';
import { openSeverableProxy, type SeverableProxy } from '../../../../test/fixtures/severable-proxy.ts';
import { testObjectStore } from '../contract/index.ts';
import { S3ObjectStore, type S3ObjectStoreOptions } from './index.ts';

const mebibyte = 1024 * 1024;

function optionsOf({ bucket, region, endpoint, accessKeyId, secretAccessKey }: S3Settings): S3ObjectStoreOptions {
  const keyPrefix = `test-${randomUUID()}`;
  return { bucket, region, endpoint, pathStyle: true, keyPrefix, credentials: { accessKeyId, secretAccessKey } };
}

async function empty(store: S3ObjectStore): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  await store.delete(keys);
}

async function* parts(count: number): AsyncIterable<Uint8Array> {
  for (let n = 0; n < count; n += 1) yield new Uint8Array(mebibyte).fill(n);
}

for (const [name, service, settingsOf] of [
  ['s3proxy', 's3', s3Settings],
  ['versitygw', 's3Strict', s3StrictSettings],
] as const) {
  describeWith(service, `On ${name}`, () => {
    const createFactory = async () => {
      const options = optionsOf(await settingsOf());
      const stores: S3ObjectStore[] = [];
      const open = async () => {
        const store = new S3ObjectStore(options);
        stores.push(store);
        return store;
      };
      return {
        open,
        async dispose() {
          await empty(await open());
          for (const store of stores) store.close();
        },
      };
    };
    // s3proxy looks and writes in two steps.
    testObjectStore('S3ObjectStore', createFactory, { excludesReplaces: service !== 's3' });

    describe('the S3 object store', () => {
      let settings: S3Settings;
      let options: S3ObjectStoreOptions;
      let store: S3ObjectStore;
      beforeEach(async () => {
        settings = await settingsOf();
        options = optionsOf(settings);
        store = new S3ObjectStore(options);
      });
      afterEach(async () => {
        await empty(store);
        store.close();
      });

      /** Uploads that were begun and neither completed nor aborted, below the test's own prefix. */
      async function openUploads(): Promise<number> {
        const { region, endpoint, credentials } = options;
        const client = new S3Client({ region, endpoint: endpoint!, credentials: credentials!, forcePathStyle: true });
        const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: options.bucket }));
        client.destroy();
        return Uploads.filter(({ Key = '' }) => Key.startsWith(options.keyPrefix!)).length;
      }

      it('puts a long stream in parts, without holding it', async () => {
        async function* watched(): AsyncIterable<Uint8Array> {
          yield* parts(40);
          // While other uploads come and go, a look of s3proxy's ends at the first file that is gone before it is read.
          await vi.waitUntil(async () => (await openUploads()) === 1, 20_000);
        }
        const put = await store.put('long.webm', watched());
        expect(put).toMatchObject({ sizeBytes: 40 * mebibyte, contentType: 'video/webm' });
        expect(await openUploads()).toBe(0);
        expect(await store.head('long.webm')).toMatchObject({ sizeBytes: 40 * mebibyte, etag: put.etag });
        const { body } = await store.get('long.webm', { start: 37 * mebibyte - 1, end: 37 * mebibyte + 1 });
        expect(Buffer.concat(await Array.fromAsync(body))).toEqual(Buffer.of(36, 37));
      });

      it('leaves nothing behind when a long stream breaks', async () => {
        async function* breaking(): AsyncIterable<Uint8Array> {
          yield* parts(20);
          throw new Error('The source broke, says the test');
        }
        await expect(store.put('broken.webm', breaking())).rejects.toThrow('The source broke');
        expect(await store.head('broken.webm')).toBeUndefined();
        expect(await openUploads()).toBe(0);
      });

      it('serves more readers who never come than it has connections', async () => {
        await store.put('long.webm', parts(5));
        const unread = await Promise.all(Array.from({ length: 80 }, () => store.get('long.webm')));
        expect(unread).toHaveLength(80);
        expect(await store.read('long.webm')).toHaveLength(5 * mebibyte);
      });

      it('never mixes two versions in one body', async () => {
        await store.put('x.webm', parts(5));
        const { body } = await store.get('x.webm');
        const reader = body[Symbol.asyncIterator]();
        await reader.next();
        await store.put('x.webm', new Uint8Array(5 * mebibyte));
        const rest = async () => {
          for (let part = await reader.next(); part.done !== true; part = await reader.next()) continue;
        };
        await expect(rest()).rejects.toMatchObject({ code: 'object-changed', retriable: true });
      });

      it('gives a URL that works without credentials, for one object and a while', async () => {
        await store.put('export.mp4', Buffer.from('film'));
        const url = await store.presignedUrl('export.mp4', { ttlSeconds: 60, downloadName: 'meeting 1.mp4' });
        const answer = await fetch(url, { headers: { range: 'bytes=1-2' } });
        expect([answer.status, await answer.text()]).toEqual([206, 'il']);
        expect(answer.headers.get('content-type')).toBe('video/mp4');
        expect(answer.headers.get('content-disposition')).toBe('attachment; filename="meeting_1.mp4"');
        expect((await fetch(url.replace('export.mp4', 'other.mp4'))).status).toBe(403);
        const { origin, pathname } = new URL(url);
        expect((await fetch(origin + pathname)).status).toBe(403);
      });

      it('signs for the address that browsers use', async () => {
        const outside = new S3ObjectStore({ ...options, publicEndpoint: 'https://files.example' });
        const url = await outside.presignedUrl('a', { ttlSeconds: 60 });
        expect(new URL(url).origin).toBe('https://files.example');
      });

      it('says which variable is wrong', async () => {
        const elsewhere = new S3ObjectStore({ ...options, bucket: 'no-such-bucket' });
        for (const result of await Promise.allSettled([elsewhere.check(), elsewhere.put('a', Buffer.from('a'))])) {
          expect(result).toMatchObject({ reason: { code: 'bucket-missing', retriable: false } });
        }
        await expect(elsewhere.check()).rejects.toThrow('RUSHES_S3_BUCKET: expected a bucket that is there');
        const credentials = { accessKeyId: settings.accessKeyId, secretAccessKey: 'wrong-0123456789' };
        const stranger = new S3ObjectStore({ ...options, credentials });
        const calls = [stranger.check(), stranger.get('a'), stranger.put('a', parts(1)), stranger.head('a')];
        for (const result of await Promise.allSettled(calls)) {
          expect(result).toMatchObject({ reason: { code: 'access-denied', retriable: false } });
        }
        await expect(stranger.check()).rejects.toThrow(/expected credentials that may s3:GetObject(?!.*wrong-0123)/);
        await store.check();
      });
    });
  });
}

describeWith('s3', 'While an S3 server is away', () => {
  let proxy: SeverableProxy;
  let store: S3ObjectStore;
  beforeEach(async () => {
    const settings = await s3Settings();
    proxy = await openSeverableProxy(Number(new URL(settings.endpoint).port));
    store = new S3ObjectStore({ ...optionsOf(settings), endpoint: `http://127.0.0.1:${proxy.port}` });
  });
  afterEach(async () => {
    await empty(store);
    store.close();
    await proxy.close();
  });

  it('says so with every call, as an error to try again after, and works when it is back', async () => {
    await store.put('a', Buffer.from('a'));
    proxy.sever();
    const calls = [
      store.put('b', Buffer.from('b')),
      store.put('c', parts(20)),
      store.get('a'),
      store.head('a'),
      store.delete(['a']),
      Array.fromAsync(store.list('')),
      store.check(),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ reason: { code: 'object-store-unavailable', retriable: true } });
    }
    proxy.restore();
    await store.put('b', Buffer.from('b'));
    expect((await Array.fromAsync(store.list(''))).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('fetches again a part of a body whose connection broke, from where the reader is', async () => {
    await store.put('long.webm', parts(10));
    const { body } = await store.get('long.webm');
    let bytes = 0;
    for await (const part of body) {
      if (bytes === 0) {
        proxy.sever();
        proxy.restore();
      }
      bytes += part.byteLength;
    }
    expect(bytes).toBe(10 * mebibyte);
  });
});

it('gives up a server that takes a connection and says nothing', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as AddressInfo;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const store = new S3ObjectStore({
    ...{ bucket: 'b', region: 'us-east-1', pathStyle: true, credentials, idleMs: 200 },
    endpoint: `http://127.0.0.1:${port}`,
  });
  await expect(store.head('a')).rejects.toMatchObject({ code: 'object-store-unavailable', retriable: true });
  store.close();
  silent.unref();
});
