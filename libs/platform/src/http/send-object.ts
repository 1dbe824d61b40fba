import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import {
  RangeNotSatisfiableError,
  type ByteRange,
  type ObjectInfo,
  type ObjectStore,
  type StoredObject,
} from '@rushes/object-store';
import { ProblemError } from '../errors/problem-error.ts';
import { storedObjectPolicy } from '../pages/content-security-policy.ts';

export type SendObjectOptions = {
  /** `cache-control`; default `private, no-cache`: keep it, but ask each time whether it changed. */
  cacheControl?: string;
  /** Instead of the type it was stored with. */
  contentType?: string;
  /** Makes browsers save the object under this name. */
  downloadName?: string;
  /**
   * Sends whoever asks with GET to the store itself, with a URL that is good for so long, when the store has such URLs. Spares
   * this process the bytes.
   */
  redirectSeconds?: number | undefined;
};

/**
 * Answers GET or HEAD with a stored object, streamed: one byte range (206, 416), `If-Range`, `If-None-Match` (304).
 * Several ranges at once get the whole object, as RFC 9110 allows. The object is inert when opened as a page. With
 * `redirectSeconds`, 302 to where the store itself answers all that.
 * @throws ProblemError 404 `object-not-found`, 416 `range-not-satisfiable`
 */
export async function sendObject(
  request: Request,
  response: Response,
  store: ObjectStore,
  key: string,
  options: SendObjectOptions = {},
): Promise<void> {
  const info = await store.head(key);
  if (!info) throw new ProblemError(404, 'object-not-found', 'There is no such object.');
  setHeaders(response, info, options);
  if (isKnown(request, info)) {
    response.status(304).end();
    return;
  }
  if (request.method === 'GET' && options.redirectSeconds !== undefined && store.presignedUrl) {
    redirect(response, await presign(store, key, options.redirectSeconds, options));
    return;
  }
  const range = rangeOf(request, info);
  if (request.method === 'HEAD') {
    response.status(range ? 206 : 200).setHeader('content-length', lengthOf(info, range));
    if (range) response.setHeader('content-range', contentRange(range, info));
    response.end();
    return;
  }
  const object = await open(store, key, range);
  // The object may have been replaced since `head`: what was opened counts.
  setHeaders(response, object, options);
  response.setHeader('content-length', lengthOf(object, range));
  if (range) response.status(206).setHeader('content-range', contentRange(range, object));
  await stream(object, response);
}

function presign(store: ObjectStore, key: string, ttlSeconds: number, options: SendObjectOptions): Promise<string> {
  const { contentType, downloadName } = options;
  return store.presignedUrl!(key, {
    ttlSeconds,
    ...(contentType === undefined ? {} : { contentType }),
    ...(downloadName === undefined ? {} : { downloadName }),
  });
}

/** The URL opens the object for whoever has it: nobody but the caller may keep it, and not for the next time either. */
function redirect(response: Response, url: string): void {
  for (const name of ['etag', 'last-modified', 'accept-ranges', 'content-disposition', 'content-type']) {
    response.removeHeader(name);
  }
  response.setHeader('cache-control', 'private, no-store');
  response.redirect(302, url);
}

function setHeaders(response: Response, info: ObjectInfo, options: SendObjectOptions): void {
  const { cacheControl = 'private, no-cache', contentType = info.contentType, downloadName } = options;
  response.setHeader('content-type', contentType);
  response.setHeader('etag', `"${info.etag}"`);
  response.setHeader('last-modified', new Date(info.modifiedAt).toUTCString());
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('cache-control', cacheControl);
  response.setHeader('content-security-policy', storedObjectPolicy);
  response.setHeader('cross-origin-resource-policy', 'cross-origin');
  if (downloadName !== undefined) response.attachment(downloadName).setHeader('content-type', contentType);
}

/**
 * Whether the caller has these very bytes. Not Express's `fresh`: pages that send `If-None-Match` themselves also send
 * `Cache-Control: no-cache` (Fetch standard), which Express takes as "send it anyway".
 */
function isKnown(request: Request, { etag }: ObjectInfo): boolean {
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known?.some((tag) => tag === '*' || tag === `"${etag}"`) ?? false;
}

/** The range to send, with its end excluded; undefined for the whole object. */
function rangeOf(request: Request, info: ObjectInfo): Required<ByteRange> | undefined {
  const condition = request.headers['if-range'];
  if (request.headers.range === undefined || (condition !== undefined && condition !== `"${info.etag}"`))
    return undefined;
  const ranges = request.range(info.sizeBytes);
  if (ranges === -1) throw notSatisfiable(info.sizeBytes);
  if (ranges === undefined || ranges === -2 || ranges.type !== 'bytes' || ranges.length !== 1) return undefined;
  const [range] = ranges;
  return range && { start: range.start, end: range.end + 1 };
}

async function open(store: ObjectStore, key: string, range: ByteRange | undefined): Promise<StoredObject> {
  try {
    return await store.get(key, range);
  } catch (cause) {
    if (cause instanceof RangeNotSatisfiableError) throw notSatisfiable(cause.sizeBytes);
    throw cause;
  }
}

function notSatisfiable(sizeBytes: number): ProblemError {
  return new ProblemError(
    416,
    'range-not-satisfiable',
    `Expected a range within ${sizeBytes} bytes.`,
    [{ field: 'header.range', expected: `bytes within 0 to ${sizeBytes - 1}` }],
    { headers: { 'content-range': `bytes */${sizeBytes}` } },
  );
}

function lengthOf(info: ObjectInfo, range: Required<ByteRange> | undefined): number {
  return range ? Math.min(range.end, info.sizeBytes) - range.start : info.sizeBytes;
}

function contentRange(range: Required<ByteRange>, info: ObjectInfo): string {
  return `bytes ${range.start}-${Math.min(range.end, info.sizeBytes) - 1}/${info.sizeBytes}`;
}

/** What a pipeline says of a caller who goes away in the middle, and of one who was gone before. */
const goneCodes = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE']);

/** A caller who goes away is no error; the object is let go of. */
async function stream(object: StoredObject, response: Response): Promise<void> {
  const body = Readable.from(object.body, { objectMode: false });
  try {
    await pipeline(body, response);
  } catch (error) {
    const isGone = goneCodes.has((error as NodeJS.ErrnoException).code ?? '');
    if (!isGone) throw error;
  } finally {
    // A caller who was gone before leaves it untouched by the pipeline.
    body.destroy();
  }
}
