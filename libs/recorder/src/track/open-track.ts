import type { TrackHeader, TrackNote } from '@rushes/media';
import type { RecordedTrack } from './recorded-track.ts';

/** A track that is being recorded into this process's spool, wherever its packets come from. */
export type OpenTrack = {
  readonly header: TrackHeader;
  readonly recordedTrack: RecordedTrack;
  note(note: TrackNote): void;
  /** Resolves when it has ended, by `close` or by itself. */
  whenClosed(): Promise<void>;
  /**
   * Stops, and resolves when everything is on local disk. Idempotent.
   * @param atMs its end, on the recording clock; default now
   */
  close(atMs?: number): Promise<{ endMs: number; stored: Promise<boolean> }>;
};
