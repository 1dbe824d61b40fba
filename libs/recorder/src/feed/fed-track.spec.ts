import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeDump } from '@rushes/media';
import type { TrackHeader } from '@rushes/media';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Spool } from '../spool/spool.ts';
import { FedTrack } from './fed-track.ts';

const header: TrackHeader = {
  ...{ kind: 'track', version: 1, trackId: 't1', participantId: 'ann', media: 'audio', source: 'microphone' },
  ...{ codec: 'audio/opus', clockRate: 48_000, cname: null, startMs: 0 },
};
const packetAt = (atMs: number) => ({ kind: 'rtp' as const, atMs, data: new Uint8Array(100) });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-fed-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('neither takes nor acknowledges what comes once it is being closed', async () => {
  const store = new FilesystemObjectStore(join(folder, 'objects'));
  const spool = new Spool({ folder: join(folder, 'spool'), store });
  const track = new FedTrack(spool.openTrack({ recordingId: 'r1', recordedAt: 0, header }), () => 1000);
  track.takePackets(0, [packetAt(0), packetAt(20)]);
  const closing = track.close(100);
  track.takePackets(2, [packetAt(40)]);
  expect(track.takeNote(3, { kind: 'paused', atMs: 50, reason: 'muted' })).toBe(false);
  expect([track.isClosing, track.nextSeq, track.lastMs]).toEqual([true, 2, 20]);
  expect(await (await closing).stored).toBe(true);
  const { packets } = decodeDump(await store.read('recordings/r1/tracks/t1/rtp/000000.rtpdump'));
  expect(packets.map(({ atMs }) => atMs)).toEqual([0, 20]);
});
