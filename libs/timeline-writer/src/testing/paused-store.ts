import { ObjectStore } from '@rushes/object-store';
import type { ByteRange, ListedObject, ObjectInfo, PutOptions, StoredObject } from '@rushes/object-store';

type Fault = { isMeant: (key: string) => boolean; kind: 'pause' | 'loss' };

/**
 * Another process's way to the same objects, on which a test holds up a write: as a frozen process does, or a network that brings
 * it after the caller has given it up.
 */
export class PausedStore extends ObjectStore {
  #fault: Fault | undefined;
  #paused = Promise.withResolvers<void>();
  #released = Promise.withResolvers<void>();
  #lost: (() => Promise<unknown>) | undefined;

  constructor(private readonly inner: ObjectStore) {
    super();
  }

  /** The next write to such a key waits for `release`. */
  pauseAt(isMeant: (key: string) => boolean): void {
    this.#fault = { isMeant, kind: 'pause' };
  }

  /** The next write to such a key fails, and is done at `arrive`. */
  loseAt(isMeant: (key: string) => boolean): void {
    this.#fault = { isMeant, kind: 'loss' };
  }

  whenPaused(): Promise<void> {
    return this.#paused.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  async arrive(): Promise<void> {
    await this.#lost?.();
  }

  put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<ObjectInfo> {
    return this.#write(key, () => this.inner.put(key, body, options));
  }

  replace(key: string, body: Uint8Array, etag: string | undefined, options?: PutOptions): Promise<ObjectInfo> {
    return this.#write(key, () => this.inner.replace(key, body, etag, options));
  }

  get(key: string, range?: ByteRange): Promise<StoredObject> {
    return this.inner.get(key, range);
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.inner.head(key);
  }

  list(prefix: string): AsyncIterable<ListedObject> {
    return this.inner.list(prefix);
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.inner.delete(keys);
  }

  async #write(key: string, write: () => Promise<ObjectInfo>): Promise<ObjectInfo> {
    const fault = this.#fault;
    if (!fault?.isMeant(key)) return write();
    this.#fault = undefined;
    if (fault.kind === 'loss') {
      this.#lost = write;
      throw new Error(`${key} was lost on its way, says the test`);
    }
    this.#paused.resolve();
    await this.#released.promise;
    return write();
  }
}
