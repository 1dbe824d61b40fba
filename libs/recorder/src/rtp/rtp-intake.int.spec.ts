import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Database } from '@rushes/database';
import { decodeDump, encodeSenderReport } from '@rushes/media';
import type { DumpPacket } from '@rushes/media';
import { ObjectStore } from '@rushes/object-store';
import { externalHolderId, newId, RecordingLifecycle } from '@rushes/platform';
import { startTestApplication } from '@rushes/platform/testing';
import type { TestApplication } from '@rushes/platform/testing';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { loadStoredTrack } from '../derivation/load-stored-track.ts';
import { RecorderModule } from '../recorder.module.ts';
import { RecorderService } from '../recorder.service.ts';
import { spoolFiles, trackFolder } from '../spool/spool-paths.ts';
import { TrackRows } from '../track/track-rows.ts';
import { RtpIntake } from './rtp-intake.ts';
import { openRtpTrackSchema } from './rtp-track-schemas.ts';

let app: TestApplication;
let intake: RtpIntake;
let recordingId: string;

beforeAll(async () => {
  app = await startTestApplication([RecorderModule]);
  intake = app.app.get(RtpIntake);
}, 60_000);
afterAll(() => app.close());
beforeEach(async () => {
  const started = await app.app.get(RecordingLifecycle).start({ roomId: newId(), holderId: externalHolderId });
  recordingId = started.recordingId;
});

const ssrc = 1001;
const microphone = (more: object = {}) =>
  openRtpTrackSchema.parse({
    ...{ recordingId, participantId: 'ann', source: 'microphone', ssrc, from: { ip: '127.0.0.1' } },
    ...{ codec: { mimeType: 'audio/opus', payloadType: 97, clockRate: 48_000, channels: 2 }, ...more },
  });

/** It ends with its number, since mediasoup counts anew. */
function rtpPacket(sequenceNumber: number): Buffer {
  const packet = Buffer.alloc(15, 0xfe);
  packet.writeUInt16BE(0x8061, 0);
  packet.writeUInt16BE(sequenceNumber, 2);
  packet.writeUInt32BE(sequenceNumber * 960, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet.writeUInt8(sequenceNumber, 14);
  return packet;
}

/** Sends from an address of this machine. */
async function sendFrom(address: string, packets: Uint8Array[], port: number): Promise<void> {
  const socket = createSocket('udp4').bind(0, address);
  await once(socket, 'listening');
  for (const packet of packets) await new Promise((resolve) => socket.send(packet, port, '127.0.0.1', resolve));
  socket.close();
}

const numberOf = ({ data }: DumpPacket): number => data.at(-1)!;

/** Numbers of what is in the spool. */
async function spooledNumbers(trackId: string): Promise<number[]> {
  const folder = trackFolder(app.app.get(RecorderService).spool.folder, { recordingId, trackId });
  return decodeDump(await readFile(join(folder, spoolFiles.piece(0)))).packets.map(numberOf);
}

it('keeps what a sender sends from the first packet on, though nobody named its port', async () => {
  const { trackId, port } = await intake.begin(microphone());
  await sendFrom('127.0.0.1', [100, 101, 102].map(rtpPacket), port);
  await vi.waitFor(async () => expect(await spooledNumbers(trackId)).toEqual([100, 101, 102]), 10_000);
  await intake.end({ recordingId, trackId });
});

it('opens a track once, though it is asked for twice at the same time', async () => {
  const asked = microphone({ trackId: newId() });
  const answers = await Promise.allSettled([intake.begin(asked), intake.begin(asked)]);
  const refused = expect.objectContaining({ code: 'track-exists' }) as Error;
  expect(answers).toEqual([expect.objectContaining({ status: 'fulfilled' }), { status: 'rejected', reason: refused }]);
  await intake.end({ recordingId, trackId: asked.trackId! });
});

it('ends a track whose reports come from an address that nobody named, and keeps none of them', async () => {
  const { trackId, port, rtcpPort } = await intake.begin(microphone({ rtcpMux: false }));
  await sendFrom('127.0.0.1', [1, 2].map(rtpPacket), port);
  await vi.waitFor(async () => expect(await spooledNumbers(trackId)).toEqual([1, 2]), 10_000);
  const report = { ssrc, ntpSec: 1, ntpFrac: 0, rtpTimestamp: 0, packetCount: 1, octetCount: 1 };
  await sendFrom('127.0.0.9', [encodeSenderReport(report)], rtcpPort!);
  const rows = new TrackRows(app.app.get(Database));
  await vi.waitFor(
    async () => expect((await rows.find({ recordingId, trackId }))?.status).toMatch(/derived|empty|failed/),
    20_000,
  );
  const kinds: string[] = [];
  const track = await loadStoredTrack(app.app.get<ObjectStore>(ObjectStore), recordingId, trackId);
  for await (const { kind } of track.readPackets()) kinds.push(kind);
  expect(kinds).toEqual(['rtp', 'rtp']);
});
