import { readFile, rm } from 'node:fs/promises';
import type { ObjectStore } from '@rushes/object-store';

export type Upload = {
  /** Object key. */
  key: string;
  /** Local file; read whole when its turn comes, so it should be small. */
  path: string;
  sizeBytes: number;
  /** Called when the object is durable, before the local file goes; again when it fails. */
  onStored?: () => Promise<void>;
  /** Whether the local file goes when all is done. */
  isRemoved: boolean;
};

export type FileUploaderOptions = { store: ObjectStore; onRetry: (error: unknown, upload: Upload) => void };

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
  /** Since when uploads have failed, epoch milliseconds; undefined while they work. */
  failingSince: number | undefined;
  private readonly queue: { upload: Upload; done: (isStored: boolean) => void }[] = [];
  private running = 0;
  private readonly stopping = new AbortController();

  constructor(private readonly options: FileUploaderOptions) {}

  /** Resolves with true when the file is stored, false when uploading was stopped before. */
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
    for (let waitMs = firstRetryMs; !this.stopping.signal.aborted; waitMs = Math.min(longestRetryMs, waitMs * 2)) {
      try {
        await this.options.store.put(key, await readFile(path));
        await upload.onStored?.();
        if (upload.isRemoved) await rm(path, { force: true });
        this.failingSince = undefined;
        this.waitingBytes -= sizeBytes;
        return true;
      } catch (error) {
        this.failingSince ??= Date.now();
        this.options.onRetry(error, upload);
        await pause(waitMs, this.stopping.signal);
      }
    }
    return false;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
