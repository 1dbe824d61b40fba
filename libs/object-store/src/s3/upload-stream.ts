import { Readable } from 'node:stream';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

/** With S3's 10 000 parts, objects up to 80 GB. */
const partBytes = 8 * 1024 * 1024;
const partsAtOnce = 2;

/** The source of an upload broke: its own error is the `cause`. */
export class SourceError extends Error {
  constructor(override readonly cause: unknown) {
    super('The source of the upload broke', { cause });
    this.name = 'SourceError';
  }
}

/**
 * Puts a stream in parts; a short one by a single request. Holds a few parts in memory, however long it is. A source that breaks
 * or a part that fails ends the upload and removes its parts.
 * @throws SourceError; whatever the SDK throws
 */
export async function uploadStream(
  client: S3Client,
  input: Omit<PutObjectCommandInput, 'Body'>,
  source: AsyncIterable<Uint8Array>,
): Promise<{ sizeBytes: number }> {
  let sizeBytes = 0;
  let broken: SourceError | undefined;
  // Not `for await`: an upload that is given up throws into the generator, which is no fault of the source.
  async function* counted(): AsyncIterable<Uint8Array> {
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await iterator.next().catch((error: unknown) => {
          throw (broken = new SourceError(error));
        });
        if (next.done === true) return;
        sizeBytes += next.value.byteLength;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  const body = Readable.from(counted(), { objectMode: false });
  const upload = new Upload({ client, params: { ...input, Body: body }, partSize: partBytes, queueSize: partsAtOnce });
  try {
    await upload.done();
    return { sizeBytes };
  } catch (error) {
    throw broken ?? error;
  } finally {
    body.destroy();
  }
}
