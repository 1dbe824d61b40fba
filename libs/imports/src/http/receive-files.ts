import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import { ProblemError } from '@rushes/platform';
import { temporaryPrefixes } from '../sweep-leftovers.ts';

export type ReceiveLimits = {
  /** Of all files together. */
  maxBytes: number;
  maxFiles: number;
};

/** Parts of a name: nothing hidden, nothing that leads elsewhere. */
const namePart = /^(?!\.)[^/\\\0]{1,200}$/;

/**
 * Writes the files of a multipart/form-data body into a new folder as they come, none of them held in memory. The name of each is its
 * `filename`, in which `/` makes folders. The caller removes the folder.
 * @throws ProblemError 400 `upload-invalid` naming the part, 413 `upload-too-large`, 415 `content-type-unsupported`
 */
export async function receiveFiles(request: IncomingMessage, limits: ReceiveLimits): Promise<string> {
  if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
    throw new ProblemError(415, 'content-type-unsupported', 'Expected a body of content-type multipart/form-data.');
  }
  const folder = await mkdtemp(join(tmpdir(), temporaryPrefixes.upload));
  try {
    await writeAll(request, folder, limits);
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    // What still comes is of no use to anybody.
    request.resume();
    throw error;
  }
}

async function writeAll(
  request: IncomingMessage,
  folder: string,
  { maxBytes, maxFiles }: ReceiveLimits,
): Promise<void> {
  const writing: Promise<void>[] = [];
  const names = new Set<string>();
  let leftBytes = maxBytes;
  const tooLarge = () => new ProblemError(413, 'upload-too-large', `Expected at most ${maxBytes} bytes in all files.`);
  const takeBytes = (): Transform =>
    new Transform({
      transform(part: Buffer, _, done) {
        leftBytes -= part.length;
        if (leftBytes < 0) done(tooLarge());
        else done(null, part);
      },
    });
  if (Number(request.headers['content-length'] ?? 0) > maxBytes * 1.01 + 1_000_000) throw tooLarge();

  const parser = openParser(request, maxFiles);
  const failed = Promise.withResolvers<never>();
  const fail = (error: unknown): void => failed.reject(error);
  parser.on('file', (part: string, stream: Readable, { filename }: { filename?: string }) => {
    // The parser ends the part that it reads when it is ended itself, and whoever should hear of it may not listen yet, or any more.
    stream.on('error', () => undefined);
    const name = filename ?? '';
    if (names.has(name) || !name.split('/').every((each) => namePart.test(each))) {
      stream.resume();
      const expected = names.has(name) ? 'another file name than those before' : 'a relative file name';
      fail(invalid(`the part ${part}, filename`, `${expected}, got "${name.slice(0, 100)}"`));
      return;
    }
    names.add(name);
    const path = join(folder, name);
    const written = mkdir(dirname(path), { recursive: true }).then(() =>
      pipeline(stream, takeBytes(), createWriteStream(path)),
    );
    written.catch((error: unknown) =>
      fail(isNameFault(error) ? invalid(`the part ${part}, filename`, usable(name)) : error),
    );
    writing.push(written);
  });
  parser.on('field', (name: string) => fail(invalid(name, 'a file: give the part a filename')));
  parser.on('filesLimit', () => fail(invalid('body', `at most ${maxFiles} files`)));
  parser.on('partsLimit', () => fail(invalid('body', `at most ${maxFiles} files`)));
  // Not by a pipeline, which would end the connection with the first fault, and nobody would hear of it.
  request.pipe(parser);
  const parsed = Promise.all([finished(request, { writable: false }), finished(parser)]).catch((cause: unknown) => {
    throw new ProblemError(400, 'upload-invalid', 'Expected a whole multipart/form-data body.', [], { cause });
  });
  parsed.catch(() => undefined);
  try {
    await Promise.race([parsed, failed.promise]);
    await Promise.race([Promise.all(writing), failed.promise]);
  } finally {
    failed.promise.catch(() => undefined);
    request.unpipe(parser);
    parser.destroy();
    await Promise.allSettled(writing);
  }
  if (names.size === 0) throw invalid('body', 'at least one file');
}

function openParser(request: IncomingMessage, maxFiles: number): busboy.Busboy {
  try {
    const limits = { files: maxFiles, fields: 1, parts: maxFiles + 1 };
    return busboy({ headers: request.headers, preservePath: true, defParamCharset: 'utf8', limits });
  } catch (cause) {
    throw new ProblemError(400, 'upload-invalid', 'Expected multipart/form-data with a boundary.', [], { cause });
  }
}

/** Whether a name cannot stand on this disk, or not beside the others. */
function isNameFault(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOTDIR' || code === 'EEXIST' || code === 'EISDIR' || code === 'ENAMETOOLONG';
}

function usable(name: string): string {
  return `a shorter name, or one that is not both file and folder, got "${name.slice(0, 100)}"`;
}

function invalid(field: string, expected: string): ProblemError {
  return new ProblemError(400, 'upload-invalid', `${field}: expected ${expected}`, [{ field, expected }]);
}
