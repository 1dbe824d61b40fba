import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type GetObjectCommandOutput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { contentTypeOfKey } from '../content-type-of-key.ts';
import { assertObjectKey } from '../object-key.ts';
import {
  ObjectNotFoundError,
  ObjectStore,
  RangeNotSatisfiableError,
  type ByteRange,
  type ListedObject,
  type ObjectInfo,
  type PresignOptions,
  type PutOptions,
  type StoredObject,
} from '../object-store.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { infoOf, sizeOf, unquote } from './object-info-of.ts';
import { clientConfig, type S3ObjectStoreOptions } from './s3-options.ts';
import { nameOf, statusOf, translateError, type S3Place } from './translate-error.ts';
import { SourceError, uploadStream } from './upload-stream.ts';

/** Most keys that one request may delete. */
const keysAtOnce = 1000;
/** Bodies are fetched in parts of this size, each read whole at once. */
const readPartBytes = 2 * 1024 * 1024;
/** How often a part is fetched whose connection breaks while it comes. */
const readAttempts = 3;

/** A stretch of an object, in memory, and what its answer said of the whole. */
type FetchedPart = { info: ObjectInfo; parts: Uint8Array[] };

/**
 * Objects in a bucket of AWS S3 or a server that speaks its protocol, under their keys.
 *
 * A body comes in parts of 2 MiB, each by a request of its own that is read at once: a reader who dawdles, or never comes, holds no
 * connection, and one that breaks costs a part and not the body. An object that is replaced meanwhile fails the read with
 * `object-changed`; old and new bytes never mix.
 *
 * Killed processes leave parts of uploads in the bucket, which no listing shows: give it a lifecycle rule
 * `AbortIncompleteMultipartUpload` of a day.
 */
export class S3ObjectStore extends ObjectStore {
  readonly #client: S3Client;
  /** Signs for the address that browsers use; it never connects. */
  readonly #signer: S3Client;
  readonly #options: S3ObjectStoreOptions;
  readonly #place: S3Place;
  readonly #prefix: string;

  constructor(options: S3ObjectStoreOptions) {
    super();
    const { bucket, region, endpoint, keyPrefix = '' } = options;
    this.#options = options;
    this.#client = new S3Client(clientConfig(options));
    this.#signer = new S3Client(clientConfig(options, options.publicEndpoint));
    this.#place = { bucket, region, endpoint };
    this.#prefix = keyPrefix === '' ? '' : `${keyPrefix.replace(/\/+$/, '')}/`;
  }

  /** For bytes in memory `modifiedAt` is by this machine's clock. @throws InvalidObjectKeyError; ObjectStoreError; whatever the source throws */
  async put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<ObjectInfo> {
    assertObjectKey(key);
    try {
      if (body instanceof Uint8Array) return await this.#putBytes(key, body, options);
      const contentType = options.contentType ?? contentTypeOfKey(key);
      const input = { ...this.#locate(key), ...this.#encryption(), ContentType: contentType };
      const { sizeBytes } = await uploadStream(this.#client, input, body);
      // The answer that joins the parts has another etag than the object on some servers.
      const { etag, modifiedAt } = infoOf(
        key,
        await this.#client.send(new HeadObjectCommand(this.#locate(key))),
        sizeBytes,
      );
      return { key, sizeBytes, etag, contentType, modifiedAt };
    } catch (error) {
      throw error instanceof SourceError ? error.cause : translateError(error, this.#place);
    }
  }

  /** Takes a server that has conditional writes, as AWS has since 2024. @throws InvalidObjectKeyError; ObjectStoreError */
  async replace(
    key: string,
    body: Uint8Array,
    etag: string | undefined,
    options: PutOptions = {},
  ): Promise<ObjectInfo> {
    assertObjectKey(key);
    const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: `"${etag}"` };
    try {
      return await this.#putBytes(key, body, options, condition);
    } catch (error) {
      if ([404, 409, 412].includes(statusOf(error) ?? 0) && nameOf(error) !== 'NoSuchBucket') {
        throw new ObjectStoreError('object-changed', `Object ${key} is not the one to replace`, { cause: error });
      }
      throw translateError(error, this.#place);
    }
  }

  /** @throws ObjectNotFoundError; RangeNotSatisfiableError; InvalidObjectKeyError; ObjectStoreError */
  async get(key: string, range?: ByteRange): Promise<StoredObject> {
    assertObjectKey(key);
    const { start, end = Infinity } = range ?? { start: 0 };
    if (!isRange(start, end)) return this.#outOfRange(key, range);
    try {
      const first = await this.#fetch(key, start, Math.min(end, start + readPartBytes));
      const { info } = first;
      return { ...info, body: this.#read(first, start, Math.min(end, info.sizeBytes)) };
    } catch (error) {
      if (statusOf(error) === 416) return this.#outOfRange(key, range);
      throw this.#readError(error, key);
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    assertObjectKey(key);
    try {
      const answer = await this.#client.send(new HeadObjectCommand(this.#locate(key)));
      return infoOf(key, answer, answer.ContentLength ?? 0);
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw translateError(error, this.#place);
    }
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    let token: string | undefined;
    do {
      const page = await this.#listPage(prefix, { ContinuationToken: token });
      for (const { Key = '', Size = 0, ETag, LastModified } of page.Contents ?? []) {
        const key = Key.slice(this.#prefix.length);
        yield { key, sizeBytes: Size, etag: unquote(ETag), modifiedAt: LastModified?.getTime() ?? 0 };
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) assertObjectKey(key);
    for (let from = 0; from < keys.length; from += keysAtOnce) {
      await this.#deleteSome(keys.slice(from, from + keysAtOnce));
    }
  }

  override async presignedUrl(key: string, options: PresignOptions): Promise<string> {
    assertObjectKey(key);
    const { ttlSeconds, contentType, downloadName } = options;
    const command = new GetObjectCommand({
      ...this.#locate(key),
      ...(contentType === undefined ? {} : { ResponseContentType: contentType }),
      ...(downloadName === undefined ? {} : { ResponseContentDisposition: attachment(downloadName) }),
    });
    try {
      return await getSignedUrl(this.#signer, command, { expiresIn: ttlSeconds });
    } catch (error) {
      throw translateError(error, this.#place);
    }
  }

  /** Whether the bucket is there and may be listed. @throws ObjectStoreError */
  override async check(): Promise<void> {
    // A folder that nobody uses: some servers walk through all that the prefix covers, whatever they are to list.
    await this.#listPage('health/', { MaxKeys: 1 });
  }

  /** Lets go of the connections; calls that run fail. */
  close(): void {
    this.#client.destroy();
    this.#signer.destroy();
  }

  #locate(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#place.bucket, Key: this.#prefix + key };
  }

  #encryption(): Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'> {
    const { encryption } = this.#options;
    if (!encryption) return {};
    const keyId = encryption.algorithm === 'aws:kms' ? encryption.keyId : undefined;
    return { ServerSideEncryption: encryption.algorithm, ...(keyId === undefined ? {} : { SSEKMSKeyId: keyId }) };
  }

  /** Throws what the SDK does. */
  async #putBytes(
    key: string,
    body: Uint8Array,
    options: PutOptions,
    condition: Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'> = {},
  ): Promise<ObjectInfo> {
    const contentType = options.contentType ?? contentTypeOfKey(key);
    const input = { ...this.#locate(key), ...this.#encryption(), ...condition, ContentType: contentType, Body: body };
    const { ETag } = await this.#client.send(new PutObjectCommand(input));
    return { key, sizeBytes: body.byteLength, etag: unquote(ETag), contentType, modifiedAt: Date.now() };
  }

  /** Bytes from `start` up to, but not including, `end`. Throws what the SDK does. */
  async #fetch(key: string, start: number, end: number, etag?: string): Promise<FetchedPart> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#client.send(
        new GetObjectCommand({
          ...this.#locate(key),
          Range: `bytes=${start}-${end - 1}`,
          ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
        }),
      );
      const sizeBytes = sizeOf(answer);
      try {
        return { info: infoOf(key, answer, sizeBytes), parts: await collect(answer, Math.min(end, sizeBytes) - start) };
      } catch (error) {
        if (attempt === readAttempts) throw error;
      }
    }
  }

  async *#read({ info, parts }: FetchedPart, start: number, end: number): AsyncIterable<Uint8Array> {
    yield* taken(parts);
    for (let from = start + readPartBytes; from < end; from += readPartBytes) {
      try {
        yield* taken((await this.#fetch(info.key, from, Math.min(end, from + readPartBytes), info.etag)).parts);
      } catch (error) {
        throw this.#readError(error, info.key);
      }
    }
  }

  /** An empty object has no bytes to ask for, so it answers as if they lay behind its end. */
  async #outOfRange(key: string, range: ByteRange | undefined): Promise<StoredObject> {
    const info = await this.head(key);
    if (!info) throw new ObjectNotFoundError(key);
    if (range || info.sizeBytes > 0) throw new RangeNotSatisfiableError(key, info.sizeBytes);
    return { ...info, body: taken([]) };
  }

  #readError(error: unknown, key: string): Error {
    if (nameOf(error) === 'NoSuchKey') return new ObjectNotFoundError(key);
    if (statusOf(error) === 412) {
      return new ObjectStoreError('object-changed', `Object ${key} was replaced while it was read`, { cause: error });
    }
    return translateError(error, this.#place);
  }

  async #listPage(prefix: string, options: { ContinuationToken?: string | undefined; MaxKeys?: number }) {
    const command = { Bucket: this.#place.bucket, Prefix: this.#prefix + prefix, ...options };
    try {
      return await this.#client.send(new ListObjectsV2Command(command));
    } catch (error) {
      throw translateError(error, this.#place);
    }
  }

  async #deleteSome(keys: readonly string[]): Promise<void> {
    const Objects = keys.map((key) => ({ Key: this.#prefix + key }));
    try {
      const { Errors } = await this.#client.send(
        new DeleteObjectsCommand({ Bucket: this.#place.bucket, Delete: { Objects, Quiet: true } }),
      );
      const failed = Errors?.find(({ Code }) => Code !== 'NoSuchKey');
      // One key's failure has no status of its own, but a name as any answer has.
      if (failed)
        throw Object.assign(new Error(failed.Message), { name: failed.Code, $metadata: { httpStatusCode: 500 } });
    } catch (error) {
      throw translateError(error, this.#place);
    }
  }
}

async function collect({ Body }: GetObjectCommandOutput, expectedBytes: number): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of (Body ?? []) as AsyncIterable<Uint8Array>) {
    parts.push(part);
    bytes += part.byteLength;
  }
  if (bytes !== expectedBytes) throw new Error(`The connection ended after ${bytes} of ${expectedBytes} bytes`);
  return parts;
}

/** Hands the parts on one by one and keeps none that is gone. */
async function* taken(parts: Uint8Array[]): AsyncIterable<Uint8Array> {
  for (let part = parts.shift(); part; part = parts.shift()) yield part;
}

function isRange(start: number, end: number): boolean {
  return Number.isSafeInteger(start) && (Number.isSafeInteger(end) || end === Infinity) && start >= 0 && start < end;
}

function attachment(name: string): string {
  return `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`;
}
