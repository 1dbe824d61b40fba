import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Database, PacketObjectEntity, TrackEntity } from '@rushes/database';
import { EventLog, topics } from '@rushes/event-log';
import { decodeDump } from '@rushes/media';
import { ObjectStore } from '@rushes/object-store';
import { RecordingLifecycle, newId, recordingNowMs } from '@rushes/platform';
import { startTestApplication } from '@rushes/platform/testing';
import type { TestApplication } from '@rushes/platform/testing';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import type { EventEnvelope, Gap } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ProducerOpened, RecorderEventMap } from './recorder-events.ts';
import { RecorderModule } from './recorder.module.ts';
import { RecorderService } from './recorder.service.ts';
import { lockSpool } from './spool/lock-spool.ts';
import { openPacedMicrophone } from './testing/paced-microphone.ts';
import { openRouter } from './testing/open-router.ts';
import type { RecordedTrack } from './track/recorded-track.ts';

let app: TestApplication;
let recorder: RecorderService;
let sfu: { router: mediasoup.Router; close: () => void };
let stored: EventEnvelope[];
const foundGaps: EventEnvelope[] = [];
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
      const said = records.map(({ event }) => event);
      events.push(...said.filter(({ type }) => type === 'rushes.track.segment-stored.v1'));
      foundGaps.push(...said.filter(({ type }) => type === 'rushes.track.gaps-found.v1'));
      storedNews.emit('stored');
    },
  });
  return events;
}

/** The latest announcement of a derived file, once there are `count`. */
async function whenDerived({ recordingId, trackId }: RecordedTrack, count = 1): Promise<EventEnvelope> {
  const found = () =>
    stored.filter(
      ({ recordingid, data }) => recordingid === recordingId && (data as { trackId: string }).trackId === trackId,
    );
  while (found().length < count) await once(storedNews, 'stored');
  return found().at(-1)!;
}

/** What was said of a track's gaps, derivation by derivation; said before its file is. */
function gapsSaidOf({ trackId }: RecordedTrack): Gap[][] {
  const said = foundGaps.map(({ data }) => data as { trackId: string; gaps: Gap[] });
  return said.filter((each) => each.trackId === trackId).map(({ gaps }) => gaps);
}

type Recording = { recordingId: string; recordedAt: number };

async function startRecording(): Promise<Recording> {
  const lifecycle = app.app.get(RecordingLifecycle);
  return lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
}

async function openTrack(
  recording: Recording,
  participantId: string,
  paused: 'muted' | null = null,
): Promise<RecordedTrack & { producer: mediasoup.Producer }> {
  const producer = await openPacedMicrophone(sfu.router);
  if (paused) await producer.pause();
  return { ...offerTrack(recording, { trackId: newId(), participantId, producer, paused }), producer };
}

/** As a room does for every track that runs when a recording starts. */
function offerTrack(
  { recordingId, recordedAt }: Recording,
  track: Pick<ProducerOpened, 'trackId' | 'participantId' | 'producer' | 'paused'>,
): RecordedTrack {
  const where = { router: sfu.router, recordingId, recordedAt, roomId: 'room' };
  room.emit('producer-opened', { ...where, ...track, kind: 'audio', source: 'microphone' });
  return { recordingId, trackId: track.trackId };
}

function findTrack({ recordingId, trackId }: RecordedTrack): Promise<TrackEntity | null> {
  return app.app.get(Database).dataSource.getRepository(TrackEntity).findOneBy({ recordingId, trackId });
}

function findObjects({ recordingId, trackId }: RecordedTrack): Promise<PacketObjectEntity[]> {
  const objects = app.app.get(Database).dataSource.getRepository(PacketObjectEntity);
  return objects.find({ where: { recordingId, trackId }, order: { n: 'ASC' } });
}

/** When the first stored packet arrived, read from the object itself. */
async function firstPacketMs({ recordingId, trackId }: RecordedTrack): Promise<number> {
  const key = recordingPrefix(recordingId) + objectKeys.packets(trackId, 0);
  return decodeDump(await app.app.get<ObjectStore>(ObjectStore).read(key)).packets[0]!.atMs;
}

/** Sound goes on for a while: what is recorded, not something that is waited for. */
async function soundFor(ms: number): Promise<void> {
  await delay(ms);
}

describe('the recorder', () => {
  it('keeps its spool to itself, and says who has it', async () => {
    const folder = recorder.spool.folder;
    const script = join(import.meta.dirname, 'testing/lock-spool-until-killed.ts');
    const second = spawn(process.execPath, ['--import', 'tsx', script, folder], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    const [said] = await Promise.all([text(second.stderr), once(second, 'exit')]);
    expect(second.exitCode).toBe(1);
    expect(said).toContain(`The recorder's spool is in use by process ${process.pid} (${folder}.lock)`);
    expect(said).toContain('RUSHES_DATA_DIR');
  });

  it('takes over the spool of a recorder that was killed', async () => {
    const folder = join(app.dataDir, 'spool-of-the-killed');
    const script = join(import.meta.dirname, 'testing/lock-spool-until-killed.ts');
    const killed = spawn(process.execPath, ['--import', 'tsx', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(killed.stdout, 'data');
    await expect(lockSpool(folder)).rejects.toThrow(`in use by process ${killed.pid}`);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const unlock = await lockSpool(folder);
    await unlock();
  });

  it('stores a track with its row, derives its file and says so', async () => {
    const recording = await startRecording();
    const track = await openTrack(recording, 'ann');
    const { trackId, producer } = track;
    await soundFor(1500);
    const { recordingId, recordedAt } = recording;
    room.emit('producer-paused', { recordingId, trackId, atMs: recordingNowMs(recordedAt), reason: 'muted' });
    await producer.pause();
    await soundFor(700);
    room.emit('producer-resumed', { recordingId, trackId, atMs: recordingNowMs(recordedAt) });
    await producer.resume();
    await soundFor(500);
    room.emit('producer-closed', { recordingId, trackId, atMs: recordingNowMs(recordedAt) });

    const { data } = await whenDerived(track);
    const row = await findTrack(track);
    expect(row).toMatchObject({ status: 'derived', codec: 'audio/opus', source: 'microphone', participantId: 'ann' });
    expect(row!.media).toMatchObject((data as object) ? { key: `tracks/${trackId}/media.webm` } : {});
    expect(row!.media!.durationMs).toBeGreaterThan(2400);
    expect(row!.gaps).toEqual([expect.objectContaining({ reason: 'muted' })]);
    expect(gapsSaidOf(track)).toEqual([row!.gaps]);
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
    await whenDerived(first);
    last.producer.close();
    await Promise.all([whenDerived(last), whenDerived(first, 2)]);
    expect(await findTrack(first)).toMatchObject({ status: 'derived' });
    // Each time all of them, so that whoever keeps the newest has none twice.
    expect(gapsSaidOf(first)).toEqual([[], []]);
  });

  it('records a track again that runs on, while its first recording is still being derived', async () => {
    const earlier = await startRecording();
    const first = await openTrack(earlier, 'eve');
    await soundFor(1500);
    const later = await startRecording();
    room.emit('producer-closed', { ...earlier, trackId: first.trackId, atMs: recordingNowMs(earlier.recordedAt) });
    const { trackId, producer } = first;
    const second = offerTrack(later, { trackId, producer, participantId: 'eve', paused: null });
    await whenDerived(first);
    const firstRow = await findTrack(first);
    const firstObjects = await findObjects(first);
    const firstPackets = await firstPacketMs(first);
    // The first one's end has not ended the second.
    expect(await findTrack(second)).toMatchObject({ status: 'recording' });
    await soundFor(6000);
    room.emit('producer-closed', { ...second, atMs: recordingNowMs(later.recordedAt) });
    await whenDerived(second);

    const secondRow = await findTrack(second);
    expect(firstRow).toMatchObject({ recordingId: first.recordingId, status: 'derived' });
    expect(secondRow).toMatchObject({ recordingId: second.recordingId, trackId: first.trackId, status: 'derived' });
    expect(firstRow!.media!.durationMs).toBeLessThan(3000);
    expect(secondRow!.media!.durationMs).toBeGreaterThan(5500);
    const secondObjects = await findObjects(second);
    expect(firstObjects.map(({ n }) => n)).toEqual([0]);
    expect(secondObjects.map(({ n }) => n)).toEqual([0, 1]);
    expect(firstObjects[0]!.lastMs).toBeLessThan(3000);
    // Nothing of the first has changed since.
    expect([await findTrack(first), await findObjects(first), await firstPacketMs(first)]).toEqual([
      firstRow,
      firstObjects,
      firstPackets,
    ]);
    for (const row of [firstRow!, secondRow!]) {
      const file = await app.app.get<ObjectStore>(ObjectStore).head(recordingPrefix(row.recordingId) + row.media!.key);
      expect(file?.sizeBytes).toBe(row.media!.sizeBytes);
    }
    producer.close();
  });

  it('calls a track empty when nothing came', async () => {
    const recording = await startRecording();
    const track = await openTrack(recording, 'cleo', 'muted');
    await vi.waitFor(async () => expect(await findTrack(track)).toMatchObject({ status: 'recording' }));
    track.producer.close();
    await vi.waitFor(
      async () => expect(await findTrack(track)).toMatchObject({ status: 'empty', media: null }),
      10_000,
    );
    const { gaps } = (await findTrack(track))!;
    expect(gaps).toEqual([expect.objectContaining({ reason: 'muted' })]);
    await vi.waitFor(() => expect(gapsSaidOf(track)).toEqual([gaps]), 10_000);
  });

  it('loses less than a second when its process is killed, and closes the track at the next start', async () => {
    const dataDir = app.dataDir;
    const { recordingId } = await startRecording();
    const track = { recordingId, trackId: newId() };
    const script = join(import.meta.dirname, 'testing/record-until-killed.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir, recordingId, 'dan', track.trackId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let reachedMs = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      reachedMs = Number(line);
      if (reachedMs > 7000 && !child.killed) child.kill('SIGKILL');
    }

    await recorder.recover();
    await recorder.whenIdle();
    const row = await findTrack(track);
    const objects = await findObjects(track);
    expect(row!.endMs).toBeGreaterThan(reachedMs - 1000);
    expect(Math.max(...objects.map(({ lastMs }) => lastMs))).toBe(row!.endMs);
    await whenDerived(track);
    const derived = await findTrack(track);
    expect(derived!.media!.startMs + derived!.media!.durationMs).toBeGreaterThan(reachedMs - 1000);
    expect(derived!.gaps).toEqual([]);
  });
});
