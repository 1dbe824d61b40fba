import { decodeDump, decodeNotes } from '@rushes/media';
import type { StoredTrack } from '@rushes/media';
import type { ObjectStore } from '@rushes/object-store';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import type { RecordingId, TrackId } from '@rushes/timeline';

/**
 * A track as the object store has it; packets are read object by object, one in memory at a time. A torn object is read
 * up to where it is torn.
 * @throws ObjectNotFoundError when the track has no notes; MediaError when what is stored is no track.
 */
export async function loadStoredTrack(
  store: ObjectStore,
  recordingId: RecordingId,
  trackId: TrackId,
): Promise<StoredTrack> {
  const prefix = recordingPrefix(recordingId);
  const { header, notes } = decodeNotes(await store.read(prefix + objectKeys.trackNotes(trackId)));
  return {
    header,
    notes: [...notes].sort((a, b) => a.atMs - b.atMs),
    async *readPackets() {
      for await (const { key } of store.list(prefix + objectKeys.packetsPrefix(trackId))) {
        yield* decodeDump(await store.read(key)).packets;
      }
    },
  };
}
