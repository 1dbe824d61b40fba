import { readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectStore } from '@rushes/object-store';

export type Upload = {
  /** Object key. */
  key: string;
  /** Local file; read whole when its turn comes, so it should be small. */
  path: string;
  sizeBytes: number;
  /** Called when the object is durable, before the local file goes; again when it fails. `unwanted`: the object is removed again. */
  onStored?: () => Promise<'kept' | 'unwanted'>;
  /** Whether the local file goes when all is done. */
  isRemoved: boolean;
};

/** What does not take what it is given, and since when: epoch milliseconds. */
export type UploadFailure = { of: 'object-store' | 'database'; since: number };

export type FileUploaderOptions = {
  store: ObjectStore;
  onRetry: (error: unknown, upload: Upload) => void;
  /** The local file is gone before it was stored: somebody has removed it. */
  onGone: (upload: Upload) => void;
};

const parallelUploads = 4;
const firstRetryMs = 250;
const longestRetryMs = 10_000;

/**
 * Moves local files to the object store: bytes, then row, then the local file goes. Tries again until it works or is
 * stopped; what is left lies on disk for the next process.
 */
export class FileUploader {
  /** On disk and not in the store. */
  waitingBytes = 0;
  /** undefined while uploads work. */
  failure: UploadFailure | undefined;
  private readonly queue: { upload: Upload; done: (isStored: boolean) => void }[] = [];
  private running = 0;
  private readonly stopping = new AbortController();

  constructor(private readonly options: FileUploaderOptions) {}

  /** Aborted when it is stopped. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** Resolves with true when the file is stored (or nobody wants it any more), false when uploading was stopped before, or the file is gone. */
  upload(upload: Upload): Promise<boolean> {
    this.waitingBytes += upload.sizeBytes;
    return new Promise((done) => {
      if (this.stopping.signal.aborted) return done(false);
      this.queue.push({ upload, done });
      this.startNext();
    });
  }

  /** Gives up what is not stored. */
  stop(): void {
    this.stopping.abort();
    for (const { done } of this.queue.splice(0)) done(false);
  }

  private startNext(): void {
    if (this.running >= parallelUploads) return;
    const next = this.queue.shift();
    if (!next) return;
    this.running++;
    void this.store(next.upload).then((isStored) => {
      this.running--;
      next.done(isStored);
      this.startNext();
    });
  }

  private async store(upload: Upload): Promise<boolean> {
    const { key, path, sizeBytes } = upload;
    let step: UploadFailure['of'] = 'object-store';
    for (let waitMs = firstRetryMs; !this.stopping.signal.aborted; waitMs = Math.min(longestRetryMs, waitMs * 2)) {
      try {
        if (step === 'object-store') {
          const bytes = await readIfThere(path);
          if (!bytes) return this.giveUp(upload);
          await this.options.store.put(key, bytes);
        }
        step = 'database';
        if ((await upload.onStored?.()) === 'unwanted') await this.options.store.delete([key]);
        if (upload.isRemoved) await rm(path, { force: true });
        this.failure = undefined;
        this.waitingBytes -= sizeBytes;
        return true;
      } catch (error) {
        this.failure = { of: step, since: this.failure?.since ?? Date.now() };
        this.options.onRetry(error, upload);
        await delay(waitMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
    return false;
  }

  private giveUp(upload: Upload): false {
    this.waitingBytes -= upload.sizeBytes;
    this.options.onGone(upload);
    return false;
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
