import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrackHeader } from '@rushes/media';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Spool } from '../spool/spool.ts';
import { WatchedSinks } from './watched-sinks.ts';

const header: TrackHeader = {
  ...{ kind: 'track', version: 1, trackId: 't1', participantId: 'ann', media: 'audio', source: 'microphone' },
  ...{ codec: 'audio/opus', clockRate: 48_000, cname: null, startMs: 0 },
};
const track = { recordingId: 'r1', recordedAt: 0, header };
const packetAt = (atMs: number) => ({ kind: 'rtp' as const, atMs, data: new Uint8Array(100) });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-watched-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openSpool = (limitBytes: number) =>
  new Spool({
    folder: join(folder, 'spool'),
    store: new FilesystemObjectStore(join(folder, 'objects')),
    limitBytes,
  });

it('knows that packets come while a full spool takes none', async () => {
  const sinks = new WatchedSinks(openSpool(0));
  const sink = sinks.openTrack(track);
  sinks.admit();
  sink.append(packetAt(20));
  expect([sinks.packetCount, sinks.lastMs, sink.packetCount]).toEqual([1, 20, 0]);
  await (
    await sink.close(100)
  ).stored;
});

it('hands on what came before its sender was admitted, and nothing of one who never is', async () => {
  const [admitted, refused] = [new WatchedSinks(openSpool(1e6)), new WatchedSinks(openSpool(1e6))];
  const [taken, dropped] = [
    admitted.openTrack(track),
    refused.openTrack({ ...track, header: { ...header, trackId: 't2' } }),
  ];
  for (const sink of [taken, dropped]) sink.append(packetAt(0));
  expect([admitted.packetCount, taken.packetCount]).toEqual([0, 0]);
  admitted.admit();
  taken.append(packetAt(20));
  expect([admitted.packetCount, taken.packetCount, admitted.lastMs]).toEqual([2, 2, 20]);
  expect([refused.packetCount, dropped.packetCount, refused.lastMs]).toEqual([0, 0, undefined]);
  for (const sink of [taken, dropped]) await (await sink.close(100)).stored;
});
