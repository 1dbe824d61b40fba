import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Database, PacketObjectEntity, TrackEntity } from '@rushes/database';
import { EventLog, topics } from '@rushes/event-log';
import { ObjectStore } from '@rushes/object-store';
import { RecordingLifecycle, newId, recordingNowMs } from '@rushes/platform';
import { startTestApplication } from '@rushes/platform/testing';
import type { TestApplication } from '@rushes/platform/testing';
import { recordingPrefix } from '@rushes/timeline';
import type { EventEnvelope } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RecorderEventMap } from './recorder-events.ts';
import { RecorderModule } from './recorder.module.ts';
import { RecorderService } from './recorder.service.ts';
import { openPacedMicrophone } from './testing/paced-microphone.ts';
import { openRouter } from './testing/open-router.ts';

let app: TestApplication;
let recorder: RecorderService;
let sfu: { router: mediasoup.Router; close: () => void };
let stored: EventEnvelope[];
const room = new EventEmitter<RecorderEventMap>();
const storedNews = new EventEmitter<{ stored: [] }>();

beforeAll(async () => {
  sfu = await openRouter();
  app = await startTestApplication([RecorderModule]);
  recorder = app.app.get(RecorderService);
  recorder.connect(room);
  stored = await collectStoredEvents();
}, 60_000);
afterAll(async () => {
  await app.close();
  sfu.close();
});

async function collectStoredEvents(): Promise<EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  await app.app.get<EventLog>(EventLog).subscribe({
    group: 'spec',
    topics: [topics.events],
    onRecords: async (records) => {
      events.push(...records.map(({ event }) => event).filter(({ type }) => type === 'rushes.track.segment-stored.v1'));
      storedNews.emit('stored');
    },
  });
  return events;
}

/** The latest announcement of a derived file, once there are `count`. */
async function whenDerived(trackId: string, count = 1): Promise<EventEnvelope> {
  const found = () => stored.filter(({ data }) => (data as { trackId: string }).trackId === trackId);
  while (found().length < count) await once(storedNews, 'stored');
  return found().at(-1)!;
}

async function startRecording(): Promise<{ recordingId: string; recordedAt: number }> {
  const lifecycle = app.app.get(RecordingLifecycle);
  return lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
}

async function openTrack(
  { recordingId, recordedAt }: { recordingId: string; recordedAt: number },
  participantId: string,
  paused: 'muted' | null = null,
): Promise<{ trackId: string; producer: mediasoup.Producer }> {
  const trackId = newId();
  const producer = await openPacedMicrophone(sfu.router);
  if (paused) await producer.pause();
  const { router } = sfu;
  const where = { recordingId, recordedAt, roomId: 'room', participantId, trackId };
  room.emit('producer-opened', { router, producer, ...where, kind: 'audio', source: 'microphone', paused });
  return { trackId, producer };
}

function findTrack(trackId: string): Promise<TrackEntity | null> {
  return app.app.get(Database).dataSource.getRepository(TrackEntity).findOneBy({ trackId });
}

/** Sound goes on for a while: what is recorded, not something that is waited for. */
async function soundFor(ms: number): Promise<void> {
  await delay(ms);
}

describe('the recorder', () => {
  it('stores a track with its row, derives its file and says so', async () => {
    const recording = await startRecording();
    const { trackId, producer } = await openTrack(recording, 'ann');
    await soundFor(1500);
    const { recordingId, recordedAt } = recording;
    room.emit('producer-paused', { recordingId, trackId, atMs: recordingNowMs(recordedAt), reason: 'muted' });
    await producer.pause();
    await soundFor(700);
    room.emit('producer-resumed', { recordingId, trackId, atMs: recordingNowMs(recordedAt) });
    await producer.resume();
    await soundFor(500);
    room.emit('producer-closed', { recordingId, trackId, atMs: recordingNowMs(recordedAt) });

    const { data } = await whenDerived(trackId);
    const row = await findTrack(trackId);
    expect(row).toMatchObject({ status: 'derived', codec: 'audio/opus', source: 'microphone', participantId: 'ann' });
    expect(row!.media).toMatchObject((data as object) ? { key: `tracks/${trackId}/media.webm` } : {});
    expect(row!.media!.durationMs).toBeGreaterThan(2400);
    expect(row!.gaps).toEqual([expect.objectContaining({ reason: 'muted' })]);
    const file = await app.app.get<ObjectStore>(ObjectStore).head(recordingPrefix(recordingId) + row!.media!.key);
    expect(file?.sizeBytes).toBe(row!.media!.sizeBytes);
    expect(await readdir(recorder.spool.folder, { recursive: true })).not.toContain(join(recordingId, trackId));
    producer.close();
  });

  it('derives an early track again when the last of its participant ends', async () => {
    const recording = await startRecording();
    const [first, last] = [await openTrack(recording, 'ben'), await openTrack(recording, 'ben')];
    await soundFor(800);
    first.producer.close();
    await whenDerived(first.trackId);
    last.producer.close();
    await Promise.all([whenDerived(last.trackId), whenDerived(first.trackId, 2)]);
    expect(await findTrack(first.trackId)).toMatchObject({ status: 'derived' });
  });

  it('calls a track empty when nothing came', async () => {
    const recording = await startRecording();
    const { trackId, producer } = await openTrack(recording, 'cleo', 'muted');
    await vi.waitFor(async () => expect(await findTrack(trackId)).toMatchObject({ status: 'recording' }));
    producer.close();
    await vi.waitFor(
      async () => expect(await findTrack(trackId)).toMatchObject({ status: 'empty', media: null }),
      10_000,
    );
    expect((await findTrack(trackId))!.gaps).toEqual([expect.objectContaining({ reason: 'muted' })]);
  });

  it('loses less than a second when its process is killed, and closes the track at the next start', async () => {
    const dataDir = app.dataDir;
    const recording = await startRecording();
    const trackId = newId();
    const script = join(import.meta.dirname, 'testing/record-until-killed.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir, recording.recordingId, 'dan', trackId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let reachedMs = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      reachedMs = Number(line);
      if (reachedMs > 7000 && !child.killed) child.kill('SIGKILL');
    }

    await recorder.recover();
    await recorder.whenIdle();
    const row = await findTrack(trackId);
    const objects = await app.app.get(Database).dataSource.getRepository(PacketObjectEntity).findBy({ trackId });
    expect(row!.endMs).toBeGreaterThan(reachedMs - 1000);
    expect(Math.max(...objects.map(({ lastMs }) => lastMs))).toBe(row!.endMs);
    await whenDerived(trackId);
    const derived = await findTrack(trackId);
    expect(derived!.media!.startMs + derived!.media!.durationMs).toBeGreaterThan(reachedMs - 1000);
    expect(derived!.gaps).toEqual([]);
  });
});
