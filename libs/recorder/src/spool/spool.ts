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
  /** Bytes on disk beyond which packets are no longer taken while the store does not. Default 2 GiB. */
  limitBytes?: number;
  /** Called when an object is durable, before its local file goes; more than once when it fails or the process is killed. */
  onStored?: (piece: SpoolPiece, key: string) => Promise<void>;
  onError?: (error: unknown, facts: { recordingId?: string; trackId?: string; key?: string }) => void;
};

const defaultLimitBytes = 2 * 1024 ** 3;

/** Local disk before the object store: what has arrived survives a killed process and a store that is away. */
export class Spool {
  readonly folder: string;
  private readonly uploader: FileUploader;
  private readonly limitBytes: number;

  constructor(private readonly options: SpoolOptions) {
    this.folder = options.folder;
    this.limitBytes = options.limitBytes ?? defaultLimitBytes;
    this.uploader = new FileUploader({
      store: options.store,
      onRetry: (error, { key }) => options.onError?.(error, { key }),
    });
  }

  openTrack(track: { recordingId: RecordingId; recordedAt: number; header: TrackHeader }): TrackSpool {
    const { recordingId, header } = track;
    return new TrackSpool({
      ...track,
      folder: this.folder,
      onPiece: (piece) => this.storePiece(piece),
      onNotes: (path) => this.storeNotes({ recordingId, trackId: header.trackId }, path),
      isFull: () => this.isFull,
      onError: (error) => this.options.onError?.(error, { recordingId, trackId: header.trackId }),
    });
  }

  /** Resolves with whether the object store has the piece, and its file is gone. */
  storePiece(piece: SpoolPiece): Promise<boolean> {
    const { path, sizeBytes } = piece;
    const key = objectKeys.packets(piece.trackId, piece.n);
    const onStored = async (): Promise<void> => this.options.onStored?.(piece, key);
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

  /** On disk and not in the object store yet. */
  get waitingBytes(): number {
    return this.uploader.waitingBytes;
  }

  get isFull(): boolean {
    return this.uploader.waitingBytes >= this.limitBytes;
  }

  /** @throws Error saying what is wrong, for a health check. */
  check(): void {
    if (this.isFull) throw new Error(`the spool is full: ${this.waitingBytes} bytes wait for the object store`);
    const { failingSince } = this.uploader;
    if (failingSince !== undefined && Date.now() - failingSince > 10_000) {
      throw new Error(`the object store has taken nothing since ${new Date(failingSince).toISOString()}`);
    }
  }
}
