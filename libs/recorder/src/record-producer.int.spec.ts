import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deriveTrack } from '@rushes/media';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { monotonicEpochMs } from '@rushes/platform';
import type { types as mediasoup } from 'mediasoup';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadStoredTrack } from './derivation/load-stored-track.ts';
import { recordProducer } from './record-producer.ts';
import { Spool } from './spool/spool.ts';
import { openRouter } from './testing/open-router.ts';
import { PacedCamera } from './testing/paced-camera.ts';

let folder: string;
let sfu: { router: mediasoup.Router; close: () => void };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-simulcast-'));
  sfu = await openRouter();
});
afterAll(async () => {
  sfu.close();
  await rm(folder, { recursive: true, force: true });
});

/** The camera goes on for a while: what is recorded, not something that is waited for. */
const pictureFor = (ms: number): Promise<void> => delay(ms);

it('goes on with the lower layer within half a second when the higher one ends, and back without a gap', async () => {
  const camera = await PacedCamera.open(sfu.router);
  expect(camera.producer.type).toBe('simulcast');
  await pictureFor(500);
  const store = new FilesystemObjectStore(join(folder, 'objects'));
  const spool = new Spool({ folder: join(folder, 'spool'), store });
  const [recordingId, trackId] = ['recording', 'track'];
  const recordedAt = Math.round(monotonicEpochMs());
  const about = { recordingId, recordedAt, participantId: 'ann', trackId, source: 'camera' } as const;
  const recording = await recordProducer(sfu.router, camera.producer, { spool, ...about });
  const now = (): number => monotonicEpochMs() - recordedAt;

  await pictureFor(1500);
  camera.hasHighLayer = false;
  const endedMs = now();
  await pictureFor(2500);
  camera.hasHighLayer = true;
  const returnedMs = now();
  await pictureFor(1500);
  const { stored } = await recording.close();
  expect(await stored).toBe(true);
  camera.producer.close();
  spool.stop();

  const track = await loadStoredTrack(store, recordingId, trackId);
  const switches = track.notes.filter((note) => note.kind === 'layer-changed');
  const [down, up] = switches.slice(-2);
  expect([down?.spatialLayer, up?.spatialLayer]).toEqual([0, 1]);
  // 250 ms of silence, then a key frame that is asked for; timers of a busy machine on top.
  expect(down!.atMs - endedMs).toBeLessThan(700);
  expect(up!.atMs - returnedMs).toBeLessThan(400);
  const derived = await deriveTrack({ track, pathWithoutExtension: join(folder, 'media') });
  expect(derived.media).toMatchObject({ width: 1280, height: 720 });
  const gaps = derived.gaps.map(({ fromMs, toMs, reason }) => ({ lengthMs: toMs - fromMs, reason }));
  expect(gaps).toEqual([{ lengthMs: expect.any(Number) as number, reason: 'layer-switch' }]);
  expect(gaps[0]!.lengthMs).toBeLessThan(700);
}, 30_000);

it('asks for a key frame until one comes, without which nothing would', async () => {
  // mediasoup asks at the start and once more.
  const camera = await PacedCamera.open(sfu.router, { layerCount: 1, unheard: 3 });
  await pictureFor(200);
  const spool = new Spool({ folder: join(folder, 'spool'), store: new FilesystemObjectStore(join(folder, 'objects')) });
  const about = { recordingId: 'recording', participantId: 'bob', trackId: 'unheard', source: 'camera' } as const;
  const recording = await recordProducer(sfu.router, camera.producer, {
    spool,
    recordedAt: monotonicEpochMs(),
    ...about,
  });
  await pictureFor(5000);
  const { packetCount, stored } = await recording.close();
  await stored;
  camera.producer.close();
  spool.stop();
  expect(camera.keyFrameRequests).toBe(4);
  expect(packetCount).toBeGreaterThan(10);
}, 30_000);
