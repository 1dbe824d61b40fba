import { PacketObjectEntity, RecordingEntity, TrackEntity } from '@rushes/database';
import type { Database } from '@rushes/database';
import { encodeDumpHeader, encodeDumpPacket, encodeNote, encodeSenderReport } from '@rushes/media';
import type { DumpPacket, TrackHeader } from '@rushes/media';
import type { ObjectStore } from '@rushes/object-store';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import type { RecordedTrack } from '../track/recorded-track.ts';

export type StoredMicrophone = RecordedTrack & {
  participantId: string;
  recordedAt: number;
  seconds: number;
  /** Packets that never came, from the first to before the last. */
  lost?: readonly [number, number];
};

/** The row of an ended recording. */
export async function storeRecording(
  { dataSource }: Database,
  { recordingId, recordedAt, seconds }: Pick<StoredMicrophone, 'recordingId' | 'recordedAt' | 'seconds'>,
): Promise<void> {
  await dataSource.getRepository(RecordingEntity).insert({
    ...{ recordingId, roomId: 'room', title: null, status: 'ready', recordedAt, endedAtMs: seconds * 1000 },
    ...{ endReason: 'stopped', holderId: null, heldUntil: null, continuesRecordingId: null },
  });
}

/**
 * A microphone as a recorder leaves it before it is derived: a packet of silence every 20 ms in one object, a report every second,
 * the seventh of them three seconds wrong.
 */
export async function storeMicrophone(
  { dataSource }: Database,
  store: ObjectStore,
  { recordingId, trackId, participantId, recordedAt, seconds, lost = [0, 0] }: StoredMicrophone,
): Promise<void> {
  const header: TrackHeader = {
    ...{ kind: 'track', version: 1, trackId, participantId, media: 'audio', source: 'microphone' },
    ...{ codec: 'audio/opus', clockRate: 48_000, cname: participantId, startMs: 0 },
  };
  const came = Array.from({ length: seconds * 50 }, (_, index) => index).filter((n) => n < lost[0] || n >= lost[1]);
  const packets = came.map((index) => encodeDumpPacket(packetAt(index)));
  const reports = Array.from({ length: seconds }, (_, second) => encodeDumpPacket(reportAt(second)));
  const prefix = recordingPrefix(recordingId);
  const dump = Buffer.concat([encodeDumpHeader(recordedAt), ...packets, ...reports]);
  await store.put(prefix + objectKeys.packets(trackId, 0), dump);
  const notes = encodeNote(header) + encodeNote({ kind: 'ended', atMs: seconds * 1000 });
  await store.put(prefix + objectKeys.trackNotes(trackId), Buffer.from(notes));
  await dataSource.getRepository(TrackEntity).insert({
    ...{ recordingId, trackId, participantId, kind: 'audio', source: 'microphone', codec: 'audio/opus' },
    ...{ startMs: 0, endMs: seconds * 1000, media: null, gaps: [], sync: null, status: 'spooled', heardAt: null },
  });
  await dataSource.getRepository(PacketObjectEntity).insert({
    ...{ recordingId, trackId, n: 0, key: objectKeys.packets(trackId, 0), sizeBytes: dump.length },
    ...{ packetCount: packets.length + reports.length, firstMs: 0, lastMs: seconds * 1000 },
  });
}

function packetAt(index: number): DumpPacket {
  const data = Buffer.alloc(15);
  data.writeUInt16BE(0x8064, 0);
  data.writeUInt16BE(index, 2);
  data.writeUInt32BE(index * 960, 4);
  data.writeUInt32BE(4711, 8);
  data.set([0xf8, 0xff, 0xfe], 12);
  return { kind: 'rtp', atMs: index * 20, data };
}

function reportAt(second: number): DumpPacket {
  const ntpSec = 3_900_000_000 + second + (second === 6 ? 3 : 0);
  const report = { ssrc: 4711, ntpSec, ntpFrac: 0, rtpTimestamp: second * 48_000, packetCount: 0, octetCount: 0 };
  return { kind: 'rtcp', atMs: second * 1000, data: encodeSenderReport(report) };
}
