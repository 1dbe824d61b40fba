import type { RecordingId, TrackId } from '@rushes/timeline';

/** A finished stretch of packets on local disk, on its way to the object store. */
export type SpoolPiece = {
  recordingId: RecordingId;
  trackId: TrackId;
  /** Counts from 0 within the track. */
  n: number;
  path: string;
  sizeBytes: number;
  packetCount: number;
  /** Arrival of the first and last packet, on the recording clock. */
  firstMs: number;
  lastMs: number;
};
