import type { DumpPacket, TrackHeader, TrackNote } from '@rushes/media';
import type { RecordingId } from '@rushes/timeline';
import type { RecordedTrack } from './recorded-track.ts';

/** Takes one track's packets and notes, in the order in which they came. */
export type TrackSink = {
  readonly header: TrackHeader;
  readonly recordedTrack: RecordedTrack;
  /** Packets taken. */
  readonly packetCount: number;
  append(packet: DumpPacket): void;
  note(note: TrackNote): void;
  /** Writes what is left, and the end. @returns `stored` resolves with whether everything is where it is to stay */
  close(atMs: number): Promise<{ stored: Promise<boolean> }>;
};

export type TrackSinks = {
  openTrack(track: { recordingId: RecordingId; recordedAt: number; header: TrackHeader }): TrackSink;
};
