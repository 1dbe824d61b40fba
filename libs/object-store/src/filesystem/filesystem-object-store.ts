import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { renameSync, statSync, type BigIntStats, type ReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { assertObjectKey } from '../object-key.ts';
import {
  ObjectNotFoundError,
  ObjectStore,
  RangeNotSatisfiableError,
  type ByteRange,
  type ObjectInfo,
  type PutOptions,
  type StoredObject,
} from '../object-store.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { ContentTypes } from './content-types.ts';
import { listObjects } from './list-objects.ts';
import { isMissing, makeFolder, removeEmptyFolders, removeOldFiles, syncFolder } from './folders.ts';

/** Up to this size a body is read at once, so that no file stays open for a reader who never comes. */
const readAtOnceBytes = 256 * 1024;
const abandonedAfterMs = 24 * 3_600_000;

/** Moves what was written to where it is to be. */
type Move = (draft: string, path: string) => Promise<void> | void;

/**
 * Objects as files of one folder, so that any web server can serve it. On disk:
 *
 *     <folder>/<key>          the bytes
 *     <folder>/~types/<key>   the content type, where the key's extension does not say it
 *     <folder>/~writing/      what is being written; leftovers of killed processes go after a day
 *
 * `~` stands in no key, so the two cannot meet one. Unlike on S3, a key cannot continue another (`a` and `a/b`).
 */
export class FilesystemObjectStore extends ObjectStore {
  readonly #folder: string;
  readonly #writing: string;
  readonly #types: ContentTypes;
  #prepared: Promise<void> | undefined;

  constructor(folder: string) {
    super();
    this.#folder = resolve(folder);
    this.#writing = join(this.#folder, '~writing');
    this.#types = new ContentTypes(join(this.#folder, '~types'));
  }

  /** @throws InvalidObjectKeyError */
  put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#put(key, body, options, (draft, path) => rename(draft, path));
  }

  /**
   * One process's calls exclude one another, which is enough here: several processes want a store on the network.
   * @throws InvalidObjectKeyError; ObjectStoreError
   */
  async replace(
    key: string,
    body: Uint8Array,
    etag: string | undefined,
    options: PutOptions = {},
  ): Promise<ObjectInfo> {
    assertObjectKey(key);
    this.#assertIs(key, etag);
    return this.#put(key, body, options, (draft, path) => {
      // Between look and move nothing else runs.
      this.#assertIs(key, etag);
      renameSync(draft, path);
    });
  }

  async #put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: PutOptions,
    move: Move,
  ): Promise<ObjectInfo> {
    assertObjectKey(key);
    this.#prepared ??= this.#prepare().catch((error: unknown) => {
      // A disk that is full or away may come back.
      this.#prepared = undefined;
      throw error;
    });
    await this.#prepared;
    const draft = join(this.#writing, randomUUID());
    try {
      await writeDurably(draft, body);
      const contentType = await this.#types.write(key, options.contentType);
      // A move changes none of it, and after it somebody else's file may be there.
      const stats = await stat(draft, { bigint: true });
      await this.#moveIntoPlace(draft, this.#path(key), move);
      return infoOf(key, stats, contentType);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async get(key: string, range?: ByteRange): Promise<StoredObject> {
    assertObjectKey(key);
    const file = await open(this.#path(key), 'r').catch((error: unknown) => {
      throw isMissing(error) ? new ObjectNotFoundError(key) : error;
    });
    try {
      const stats = await file.stat({ bigint: true });
      if (!stats.isFile()) throw new ObjectNotFoundError(key);
      const info = infoOf(key, stats, await this.#types.read(key));
      const { start, end } = resolveRange(info, range);
      return { ...info, body: await readBody(file, start, end) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    assertObjectKey(key);
    const stats = await stat(this.#path(key), { bigint: true }).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    return stats?.isFile() ? infoOf(key, stats, await this.#types.read(key)) : undefined;
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    for await (const key of listObjects(this.#folder, prefix)) {
      const info = await this.head(key);
      if (info) yield info;
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) assertObjectKey(key);
    const folders = new Set<string>();
    for (const key of keys) {
      // A folder of that name is not an object.
      if (!(await this.head(key))) continue;
      await rm(this.#path(key), { force: true });
      await this.#types.delete(key);
      folders.add(dirname(this.#path(key)));
    }
    for (const folder of folders) {
      await syncFolder(folder);
      await removeEmptyFolders(folder, this.#folder);
    }
  }

  #assertIs(key: string, etag: string | undefined): void {
    const stats = statSync(this.#path(key), { bigint: true, throwIfNoEntry: false });
    if ((stats && etagOf(stats)) === etag) return;
    throw new ObjectStoreError('object-changed', `Object ${key} is not the one to replace`);
  }

  #path(key: string): string {
    return join(this.#folder, key);
  }

  async #prepare(): Promise<void> {
    await mkdir(this.#writing, { recursive: true });
    await removeOldFiles(this.#writing, abandonedAfterMs);
  }

  /** Another call may remove the folder as empty between its making and the move: then it is made again. */
  async #moveIntoPlace(draft: string, path: string, move: Move): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await makeFolder(dirname(path));
        await move(draft, path);
        await syncFolder(dirname(path));
        return;
      } catch (error) {
        if (attempt === 10 || !isMissing(error) || !(await stat(draft).catch(() => undefined))) throw error;
      }
    }
  }
}

async function writeDurably(path: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    if (body instanceof Uint8Array) await file.writeFile(body);
    else for await (const part of body) await writeAll(file, part);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}

/** Every put makes a new file, so inode, size and time of change together tell one version from the next. */
function infoOf(key: string, stats: BigIntStats, contentType: string): ObjectInfo {
  return {
    key,
    sizeBytes: Number(stats.size),
    etag: etagOf(stats),
    contentType,
    modifiedAt: Number(stats.mtimeMs),
  };
}

function etagOf(stats: BigIntStats): string {
  return [stats.ino, stats.size, stats.mtimeNs].map((part) => part.toString(36)).join('-');
}

function resolveRange({ key, sizeBytes }: ObjectInfo, range?: ByteRange): { start: number; end: number } {
  if (!range) return { start: 0, end: sizeBytes };
  const { start, end = sizeBytes } = range;
  const isValid = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start < end;
  if (!isValid || start >= sizeBytes) throw new RangeNotSatisfiableError(key, sizeBytes);
  return { start, end: Math.min(end, sizeBytes) };
}

/** Takes over the file: it is closed when the body has been read or given up. */
async function readBody(file: FileHandle, start: number, end: number): Promise<AsyncIterable<Uint8Array>> {
  const length = end - start;
  if (length > readAtOnceBytes) return letGoOf(file.createReadStream({ start, end: end - 1 }));
  const bytes = Buffer.alloc(length);
  for (let read = 0; read < length;) {
    const { bytesRead } = await file.read(bytes, read, length - read, start + read);
    if (bytesRead === 0) throw new Error(`File ended ${length - read} bytes early`);
    read += bytesRead;
  }
  await file.close();
  return oneOf(bytes);
}

/** Closes the file also when nothing was read yet: a stream's own iterator does that only once it has begun. */
function letGoOf(stream: ReadStream): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const inner: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
      return {
        next: () => inner.next(),
        async return() {
          stream.destroy();
          if (!stream.closed) await once(stream, 'close');
          return { done: true, value: undefined };
        },
      };
    },
  };
}

async function* oneOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
