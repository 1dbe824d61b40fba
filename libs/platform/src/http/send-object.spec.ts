import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sendObject } from './send-object.ts';

let folder: string;
let store: FilesystemObjectStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-send-'));
  store = new FilesystemObjectStore(folder);
  // Too long to be read at once, and for the sockets' buffers.
  await store.put('media.webm', Buffer.alloc(16 << 20));
});
afterEach(() => rm(folder, { recursive: true }));

async function openFiles(): Promise<string[]> {
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((path) => path.startsWith(folder));
}

it.each(['before the first byte', 'in the middle'])(
  'lets go of the object, without an error, when the caller goes away %s',
  async (when) => {
    const sent = Promise.withResolvers<void>();
    const app = express();
    app.get('/media.webm', (request, response) => {
      const gone = when === 'in the middle' ? Promise.resolve() : once(response, 'close');
      gone.then(() => sendObject(request, response, store, 'media.webm')).then(sent.resolve, sent.reject);
    });
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const asked = once(server, 'request');
    socket.write('GET /media.webm HTTP/1.1\r\nHost: a\r\n\r\n');
    await (when === 'in the middle' ? once(socket, 'data') : asked);
    socket.destroy();
    await sent.promise;
    expect(await openFiles()).toEqual([]);
    server.close();
  },
);
