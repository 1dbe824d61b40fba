import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeDump,
  deriveTrack,
  encodeDumpHeader,
  encodeDumpPacket,
  encodeNote,
  type StoredTrack,
  type TrackHeader,
  type TrackNote,
} from '@rushes/media';
import type { PacketObjectEntity } from '@rushes/database';
import { newId } from '@rushes/platform';
import { objectKeys, recordingPrefix, type TrackId } from '@rushes/timeline';
import { readPackets } from '../files/read-packets.ts';
import { isFault, type PlannedPackets } from '../plan/plan-import.ts';
import { speechIn, storeMedia, type TrackParts } from './import-tracks.ts';
import type { StoredTrackFacts } from './room-events.ts';

/** Packets that lie in the store as the recorder would have left them. */
export type StoredPackets = {
  planned: PlannedPackets;
  track: StoredTrack;
  endMs: number;
  pieces: PacketObjectEntity[];
};

/** As the recorder cuts them. Milliseconds. */
const pieceMs = 5_000;

/** Stores a dump's packets on the recording's clock, so that the track can be derived, now and again. */
export async function storePackets(
  planned: PlannedPackets,
  beginsMs: number,
  parts: TrackParts,
): Promise<StoredPackets> {
  const { entry, path, scan } = planned;
  const { recordingId, recordedAt, store, signal } = parts;
  const prefix = recordingPrefix(recordingId);
  const trackId = entry.trackId ?? newId();
  const pieces: PacketObjectEntity[] = [];
  let piece: PieceWriter | undefined;
  const close = async (): Promise<void> => {
    if (!piece) return;
    const { bytes, firstMs, lastMs, packetCount } = piece;
    const n = pieces.length;
    const key = objectKeys.packets(trackId, n);
    const { sizeBytes } = await store.put(prefix + key, Buffer.concat(bytes));
    pieces.push({ recordingId, trackId, n, key, sizeBytes, packetCount, firstMs, lastMs });
  };
  for await (const packet of readPackets(path, entry.rtp.payloadType)) {
    signal.throwIfAborted();
    const atMs = packet.atMs - scan.firstMs + beginsMs;
    // A report from before the first packet, of which the recording's clock knows nothing.
    if (atMs < 0) continue;
    if (!piece || atMs - piece.firstMs >= pieceMs) {
      await close();
      piece = { bytes: [encodeDumpHeader(recordedAt)], firstMs: atMs, lastMs: atMs, packetCount: 0 };
    }
    piece.bytes.push(encodeDumpPacket({ ...packet, atMs }));
    piece.lastMs = Math.max(piece.lastMs, atMs);
    piece.packetCount++;
  }
  await close();
  const endMs = beginsMs + scan.lastMs - scan.firstMs;
  const header = headerOf(planned, trackId, beginsMs);
  const notes: TrackNote[] = [{ kind: 'ended', atMs: endMs }];
  const text = [header, ...notes].map(encodeNote).join('');
  await store.put(prefix + objectKeys.trackNotes(trackId), Buffer.from(text));
  return { planned, track: { header, notes, readPackets: readAgain }, endMs, pieces };

  async function* readAgain() {
    for (const { key } of pieces) yield* decodeDump(await store.read(prefix + key)).packets;
  }
}

type PieceWriter = { bytes: Uint8Array[]; firstMs: number; lastMs: number; packetCount: number };

/**
 * Derives a track of stored packets with the clock of its siblings: bytes, then rows.
 * @returns undefined when the packets cannot be taken: that is said in the report
 */
export async function importPackets(
  { planned, track, endMs, pieces }: StoredPackets,
  siblings: readonly StoredTrack[],
  parts: TrackParts,
): Promise<StoredTrackFacts | undefined> {
  const { recordingId, rows, report, folder, signal } = parts;
  const { trackId, participantId, media: kind, source, codec, startMs } = track.header;
  const { file } = planned;
  const facts = { trackId, participantId, kind, source, codec, startMs, endMs };
  try {
    const derived = await deriveTrack({ track, siblings, pathWithoutExtension: join(folder, newId()), endMs, signal });
    if (!derived.media) {
      report.refuse(file, `rtp.codec: ${codec} was expected, and nothing in the packets can be decoded as that`);
      return undefined;
    }
    const media = await storeMedia(trackId, derived.media, derived.media.startMs, parts);
    await rows.addTrack({ recordingId, ...facts, media, gaps: derived.gaps, sync: derived.sync });
    await rows.addPieces(pieces);
    const { durationMs } = media;
    report.addTrack(file, {
      ...facts,
      startMs: Math.round(startMs),
      durationMs: Math.round(durationMs),
      isTranscoded: false,
    });
    const speech = await speechIn(source, derived.media, media.startMs, parts);
    await rm(derived.media.path);
    return { ...facts, speech };
  } catch (error) {
    if (!isFault(error)) throw error;
    report.refuse(file, error.message);
    return undefined;
  }
}

/** Takes packets out of the store again. Not before its siblings are derived, which read them. */
export async function forgetPackets(
  { track, pieces }: StoredPackets,
  { recordingId, store }: TrackParts,
): Promise<void> {
  const keys = [...pieces.map(({ key }) => key), objectKeys.trackNotes(track.header.trackId)];
  await store.delete(keys.map((key) => recordingPrefix(recordingId) + key));
}

function headerOf({ entry }: PlannedPackets, trackId: TrackId, startMs: number): TrackHeader {
  const { codec, clockRate, cname } = entry.rtp;
  const media = codec.startsWith('audio/') ? 'audio' : 'video';
  const isScreen = entry.source === 'screen' || entry.source === 'screenAudio';
  const source = media === 'audio' ? (isScreen ? 'screenAudio' : 'microphone') : isScreen ? 'screen' : 'camera';
  return {
    ...{ kind: 'track', version: 1, trackId, participantId: entry.participant, media, source, codec },
    ...{ clockRate: clockRate ?? (media === 'audio' ? 48_000 : 90_000), cname: cname ?? null, startMs },
  };
}
