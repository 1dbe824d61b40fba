import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RecordingObjects } from '../recording-objects.ts';

/**
 * Gives ffmpeg (or a renderer in another process) the recording's objects over HTTP with ranges, wherever they are stored: on 127.0.0.1, under a path that nobody
 * else knows.
 */
export class LoopbackObjects {
  private constructor(
    private readonly server: Server,
    /** Base of all objects' URLs, with a slash at the end. */
    readonly url: string,
  ) {}

  static async listen(objects: RecordingObjects): Promise<LoopbackObjects> {
    const secret = randomBytes(24).toString('hex');
    const server = createServer((request, response) => {
      answer(objects, `/${secret}/`, request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    return new LoopbackObjects(server, `http://127.0.0.1:${port}/${secret}/`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

async function answer(
  objects: RecordingObjects,
  prefix: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const key = request.url?.startsWith(prefix) ? request.url.slice(prefix.length) : undefined;
  if (key === undefined || key.includes('..')) return void response.writeHead(404).end();
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const last = range?.[2] ? Number(range[2]) : undefined;
  const object = await objects.get(
    key,
    range ? { start, ...(last === undefined ? {} : { end: last + 1 }) } : undefined,
  );
  if (!object) return void response.writeHead(404).end();
  const { sizeBytes, contentType } = object;
  const end = Math.min(last ?? sizeBytes - 1, sizeBytes - 1);
  response.writeHead(range ? 206 : 200, {
    'content-type': contentType,
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    ...(range ? { 'content-range': `bytes ${start}-${end}/${sizeBytes}` } : {}),
  });
  const body = Readable.from(object.body);
  // A reader that was gone before leaves it untouched by the pipeline.
  await pipeline(body, response).finally(() => body.destroy());
}
