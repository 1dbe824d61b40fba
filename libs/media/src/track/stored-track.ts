import type { DumpPacket } from '../rtpdump/dump-packet.ts';
import type { TrackHeader, TrackNote } from './track-notes.ts';

/** Everything that is stored of a track. Derivation reads nothing else, so it can be run again. */
export type StoredTrack = {
  header: TrackHeader;
  /** Ascending `atMs`. */
  notes: readonly TrackNote[];
  /** The packets from the first one, in the order in which they arrived; can be read several times. */
  readPackets(): AsyncIterable<DumpPacket>;
};
