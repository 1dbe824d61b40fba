export type ObjectInfo = {
  key: string;
  sizeBytes: number;
  /** Opaque, without quotes; changes when the bytes change. */
  etag: string;
  contentType: string;
  /** Epoch milliseconds. */
  modifiedAt: number;
};

/** What a listing says of an object: its content type takes a `head`. */
export type ListedObject = Omit<ObjectInfo, 'contentType'>;

/**
 * `sizeBytes` is that of the whole object, also when a range was asked for. The body holds a file or a connection until it
 * has been read or its iterator returned: ask `head` when only the facts are wanted.
 */
export type StoredObject = ObjectInfo & { body: AsyncIterable<Uint8Array> };

/** Bytes from `start` up to, but not including, `end` (default: the object's end). */
export type ByteRange = { start: number; end?: number };

export type PutOptions = { contentType?: string };

export type PresignOptions = {
  /** How long the URL may be used, at most 7 days. It ends sooner when the credentials that signed it do. */
  ttlSeconds: number;
  /** Instead of the type it was stored with. */
  contentType?: string;
  /** Makes browsers save the object under this name. */
  downloadName?: string;
};

/**
 * Immutable-minded blob storage. Keys are `/`-separated, of letters, digits, `.`, `_`, `-`.
 *
 * An adapter guarantees: `put` is atomic (a reader sees the old bytes or all of the new ones, never a part; a killed
 * process leaves no part behind under the key) and durable when it resolves; `get` after `put` sees the new bytes;
 * `list` yields keys in ascending order. Removing a key that is not there is no error. What a store on the network cannot
 * do is an ObjectStoreError, which says whether to try again.
 */
export abstract class ObjectStore {
  /** Consumes a stream without holding it in memory. */
  abstract put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<ObjectInfo>;
  /**
   * Puts only if the object is still the one of this etag, or still absent if `etag` is undefined; of several who try at once one
   * succeeds. A call that was thought lost and arrives late replaces nothing that was put since.
   * @throws ObjectStoreError `object-changed` when it is not; also when an earlier try of the same call had arrived unheard
   */
  abstract replace(key: string, body: Uint8Array, etag: string | undefined, options?: PutOptions): Promise<ObjectInfo>;
  /** @throws ObjectNotFoundError; RangeNotSatisfiableError when `start` is at or past the end. */
  abstract get(key: string, range?: ByteRange): Promise<StoredObject>;
  abstract head(key: string): Promise<ObjectInfo | undefined>;
  abstract list(prefix: string): AsyncIterable<ListedObject>;
  abstract delete(keys: readonly string[]): Promise<void>;

  /** A URL at which anybody can read the object, without credentials; only stores that browsers can reach have it. */
  presignedUrl?(key: string, options: PresignOptions): Promise<string>;

  /** Resolves when the store answers. @throws what it lacks, for a health check */
  async check(): Promise<void> {
    await this.head('health/probe');
  }

  /** The whole object in memory: for small ones. @throws ObjectNotFoundError */
  async read(key: string): Promise<Uint8Array> {
    const object = await this.get(key);
    const parts: Uint8Array[] = [];
    for await (const part of object.body) parts.push(part);
    return Buffer.concat(parts);
  }
}

export class ObjectNotFoundError extends Error {
  readonly code = 'object-not-found';
  readonly retriable = false;

  constructor(readonly key: string) {
    super(`No object ${key}`);
    this.name = 'ObjectNotFoundError';
  }
}

export class RangeNotSatisfiableError extends Error {
  readonly code = 'range-not-satisfiable';
  readonly retriable = false;

  constructor(
    readonly key: string,
    readonly sizeBytes: number,
  ) {
    super(`Range outside object ${key} of ${sizeBytes} bytes`);
    this.name = 'RangeNotSatisfiableError';
  }
}
