import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ProblemError } from '@rushes/platform';
import { receiveFiles } from './receive-files.ts';

const boundary = 'rushes-test-boundary';
let server: Server;
let received: PromiseWithResolvers<string>;
beforeAll(async () => {
  server = createServer((request, response) => {
    response.setHeader('connection', 'close');
    receiveFiles(request, { maxBytes: 10_000_000, maxFiles: 10 })
      .then(received.resolve, received.reject)
      .finally(() => response.end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => server.close());

/** What would end a service. */
const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
beforeEach(() => {
  unhandled.length = 0;
  process.on('uncaughtException', note);
});
afterEach(() => {
  process.off('uncaughtException', note);
});

function part(disposition: string, content: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="file"; ${disposition}\r\n\r\n${content}\r\n`;
}

/** @returns the folder, or why there is none */
async function send(...parts: string[]): Promise<string> {
  received = Promise.withResolvers();
  const body = Buffer.from(`${parts.join('')}--${boundary}--\r\n`);
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': body.length };
  const sent = httpRequest({ port: (server.address() as AddressInfo).port, method: 'POST', headers });
  const isClosed = new Promise((resolve) => sent.on('close', resolve));
  // Whoever is answered before all was sent may find the line closed.
  sent.on('error', () => undefined).on('response', (response) => response.resume());
  sent.end(body);
  await Promise.allSettled([received.promise, isClosed]);
  return received.promise;
}

const long = 'x'.repeat(3_000_000);

it('writes files into the folders that their names say', async () => {
  const folder = await send(part('filename="a/one.txt"', 'one'), part('filename="a/b/two.txt"', long));
  expect(await readFile(join(folder, 'a/one.txt'), 'utf8')).toBe('one');
  expect((await readFile(join(folder, 'a/b/two.txt'))).length).toBe(long.length);
  await rm(folder, { recursive: true });
});

it.each([
  ['a name that was there before', part('filename="cam.webm"', 'x'), part('filename="cam.webm"', long)],
  ['what is no file, before one', part('x="y"', 'Weekly'), part('filename="cam.webm"', long)],
  ['a hidden file', part('filename=".hidden"', long), ''],
  ['a folder that is a file', part('filename="a"', 'x'), part('filename="a/b"', long)],
  ['a file that is a folder', part('filename="a/b"', 'x'), part('filename="a"', long)],
  ['a name too long for the disk', part(`filename="${'\u0416'.repeat(130)}"`, long), ''],
])('refuses %s, and goes on with others, when most of the upload is still to come', async (_, ...parts) => {
  const refusal = await send(...parts).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ProblemError);
  expect(refusal).toMatchObject({ status: 400, code: 'upload-invalid' });
  expect(unhandled).toEqual([]);
});
