import type { TrackHeader } from '@rushes/media';
import type { RecordedTrack } from '../track/recorded-track.ts';

/** A finished stretch of packets on local disk, on its way to the object store. */
export type SpoolPiece = RecordedTrack & {
  /** Of its track, which may not be in the database yet. */
  header: TrackHeader;
  /** Counts from 0 within the track and recording. */
  n: number;
  path: string;
  sizeBytes: number;
  packetCount: number;
  /** Arrival of the first and last packet, on the recording clock. */
  firstMs: number;
  lastMs: number;
};
