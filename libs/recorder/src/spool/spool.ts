import type { ObjectStore } from '@rushes/object-store';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import type { RecordingId } from '@rushes/timeline';
import type { TrackHeader } from '@rushes/media';
import type { RecordedTrack } from '../track/recorded-track.ts';
import { FileUploader } from './file-uploader.ts';
import type { SpoolPiece } from './spool-piece.ts';
import { TrackSpool } from './track-spool.ts';

export type SpoolOptions = {
  /** Local folder; made if it is not there. One process uses it at a time. */
  folder: string;
  store: ObjectStore;
  /**
   * Bytes on disk beyond which packets are no longer taken while the store does not: what lies there stays, what comes is dropped,
   * with a gap `spool-full`. What is being written, at most 5 s of each track, comes on top. Default 10 GB.
   */
  limitBytes?: number;
  /**
   * Called when an object is durable, before its local file goes; more than once when it fails or the process is killed.
   * `unwanted`: the recording is gone, and the object goes too.
   */
  onStored?: (piece: SpoolPiece, key: string) => Promise<'kept' | 'unwanted'>;
  onError?: (error: unknown, facts: { recordingId?: string; trackId?: string; key?: string }) => void;
  /** Called when packets begin to be dropped, and when they are taken again. */
  onFull?: (isFull: boolean, waitingBytes: number) => void;
  /** Called when the disk begins to take nothing, and when it takes packets again. */
  onDiskFailing?: (isFailing: boolean) => void;
};

const defaultLimitBytes = 10_000_000_000;
/** Shorter failures are not worth a word. Milliseconds. */
const toleratedMs = 10_000;
/** What goes on failing is said again after this long. Milliseconds. */
const sayAgainMs = 10_000;
/** A disk that has refused nothing for so long takes packets again. Milliseconds. */
const diskCalmMs = 2_000;

/** Local disk before the object store: what has arrived survives a killed process and a store that is away. */
export class Spool {
  readonly folder: string;
  readonly limitBytes: number;
  private readonly uploader: FileUploader;
  private wasFull = false;
  /** Since when the disk takes nothing, when that was last said, and when it was last so; epoch milliseconds. */
  private diskFailure: { since: number; saidAt: number; lastAt: number } | undefined;

  constructor(private readonly options: SpoolOptions) {
    this.folder = options.folder;
    this.limitBytes = options.limitBytes ?? defaultLimitBytes;
    this.uploader = new FileUploader({
      store: options.store,
      onRetry: (error, { key }) => options.onError?.(error, { key }),
      onGone: ({ key, path }) => options.onError?.(new Error(`${path} is gone before it was stored`), { key }),
    });
  }

  openTrack(track: { recordingId: RecordingId; recordedAt: number; header: TrackHeader }): TrackSpool {
    const { recordingId, header } = track;
    return new TrackSpool({
      ...track,
      folder: this.folder,
      onPiece: (piece) => this.storePiece(piece),
      onNotes: (path) => this.storeNotes({ recordingId, trackId: header.trackId }, path),
      isFull: () => this.watchLimit(),
      onDisk: (error) => this.watchDisk(error, { recordingId, trackId: header.trackId }),
    });
  }

  /** Resolves with whether the object store has the piece, and its file is gone. */
  storePiece(piece: SpoolPiece): Promise<boolean> {
    const { path, sizeBytes } = piece;
    const key = objectKeys.packets(piece.trackId, piece.n);
    const onStored = async (): Promise<'kept' | 'unwanted'> => (await this.options.onStored?.(piece, key)) ?? 'kept';
    return this.uploader.upload({
      key: recordingPrefix(piece.recordingId) + key,
      path,
      sizeBytes,
      onStored,
      isRemoved: true,
    });
  }

  /** Resolves with whether the object store has the notes as they are now; the local file stays. */
  storeNotes({ recordingId, trackId }: RecordedTrack, path: string): Promise<boolean> {
    const key = recordingPrefix(recordingId) + objectKeys.trackNotes(trackId);
    return this.uploader.upload({ key, path, sizeBytes: 0, isRemoved: false });
  }

  /** Gives up uploading; what is not stored lies on disk for the next process. */
  stop(): void {
    this.uploader.stop();
  }

  /** Aborted by {@link stop}. */
  get signal(): AbortSignal {
    return this.uploader.signal;
  }

  /** On disk and not in the object store yet. */
  get waitingBytes(): number {
    return this.uploader.waitingBytes;
  }

  get isFull(): boolean {
    return this.uploader.waitingBytes >= this.limitBytes;
  }

  get isDiskFailing(): boolean {
    return this.diskFailure !== undefined;
  }

  /** Since when nothing leaves the spool, milliseconds; 0 while it does. */
  get failingMs(): number {
    const { failure } = this.uploader;
    return failure === undefined ? 0 : Date.now() - failure.since;
  }

  /** @throws Error saying what is wrong, for a health check */
  check(): void {
    const waiting = `${this.waitingBytes} of at most ${this.limitBytes} bytes wait on disk`;
    if (this.isFull) throw new Error(`the spool is full and packets are dropped: ${waiting}`);
    if (this.diskFailure) {
      throw new Error(
        `the disk takes nothing since ${new Date(this.diskFailure.since).toISOString()}: packets are lost`,
      );
    }
    const { failure } = this.uploader;
    if (failure && this.failingMs > toleratedMs) {
      const taker = failure.of === 'database' ? 'the database' : 'the object store';
      throw new Error(`${taker} has taken nothing since ${new Date(failure.since).toISOString()}: ${waiting}`);
    }
  }

  /** Every track writes many times a second: a disk that fails is spoken of now and then. */
  private watchDisk(error: unknown, track: RecordedTrack): void {
    const wasFailing = this.isDiskFailing;
    const nowMs = Date.now();
    if (error !== undefined) this.diskFailure = { since: nowMs, saidAt: 0, ...this.diskFailure, lastAt: nowMs };
    // A disk that is nearly full takes a little now and then.
    else if (this.diskFailure && nowMs - this.diskFailure.lastAt >= diskCalmMs) this.diskFailure = undefined;
    if (this.isDiskFailing !== wasFailing) this.options.onDiskFailing?.(this.isDiskFailing);
    if (error === undefined || !this.diskFailure) return;
    if (nowMs - this.diskFailure.saidAt < sayAgainMs) return;
    this.diskFailure.saidAt = nowMs;
    this.options.onError?.(error, track);
  }

  private watchLimit(): boolean {
    if (this.isFull !== this.wasFull) {
      this.wasFull = this.isFull;
      this.options.onFull?.(this.isFull, this.waitingBytes);
    }
    return this.isFull;
  }
}
