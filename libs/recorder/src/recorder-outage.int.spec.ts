import { EventEmitter } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Database, TrackEntity } from '@rushes/database';
import { ObjectStore } from '@rushes/object-store';
import { HealthRegistry, newId, RecordingLifecycle, recordingNowMs } from '@rushes/platform';
import { startTestApplication, type TestApplication } from '@rushes/platform/testing';
import type { types as mediasoup } from 'mediasoup';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startServices, type RunningServices } from '../../../scripts/services/index.ts';
import { describeWith } from '../../../test/fixtures/services.ts';
import { recordProducer } from './record-producer.ts';
import type { RecorderEventMap } from './recorder-events.ts';
import { RecorderModule } from './recorder.module.ts';
import { RecorderService } from './recorder.service.ts';
import { Spool } from './spool/spool.ts';
import { openPacedMicrophone } from './testing/paced-microphone.ts';
import { openRouter } from './testing/open-router.ts';
import type { RecordedTrack } from './track/recorded-track.ts';
import { TrackRows } from './track/track-rows.ts';

const patience = { timeout: 90_000, interval: 200 };

describeWith(['s3', 'postgres'], 'A recorder on S3 and PostgreSQL', () => {
  let services: RunningServices;
  let app: TestApplication;
  let recorder: RecorderService;
  let sfu: { router: mediasoup.Router; close: () => void };
  const room = new EventEmitter<RecorderEventMap>();

  beforeAll(async () => {
    services = await startServices({ only: ['s3', 'postgres'] });
    const env = services.env();
    for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value);
    sfu = await openRouter();
    app = await startTestApplication([RecorderModule], { ...env, RUSHES_RECORDER_GRACE_SECONDS: '10' });
    recorder = app.app.get(RecorderService);
    recorder.connect(room);
  }, 120_000);
  afterAll(async () => {
    await app.close();
    sfu.close();
    await services.stop();
    vi.unstubAllEnvs();
  }, 120_000);

  type Recording = { recordingId: string; recordedAt: number };

  async function startRecording(): Promise<Recording> {
    const lifecycle = app.app.get(RecordingLifecycle);
    return lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId });
  }

  async function openTrack({ recordingId, recordedAt }: Recording): Promise<RecordedTrack & { end: () => void }> {
    const producer = await openPacedMicrophone(sfu.router);
    const track = { recordingId, trackId: newId() };
    const about = { router: sfu.router, producer, recordedAt, roomId: 'room', participantId: newId(), paused: null };
    room.emit('producer-opened', { ...track, ...about, kind: 'audio', source: 'microphone' });
    const end = () => {
      room.emit('producer-closed', { ...track, atMs: recordingNowMs(recordedAt) });
      producer.close();
    };
    return { ...track, end };
  }

  /** Sound goes on for a while: what is recorded, not something that is waited for. */
  const soundFor = (ms: number) => delay(ms);

  const findTrack = ({ recordingId, trackId }: RecordedTrack) =>
    app.app.get(Database).dataSource.getRepository(TrackEntity).findOneBy({ recordingId, trackId });

  async function whenDerived(track: RecordedTrack, accept = (_row: TrackEntity) => true): Promise<TrackEntity> {
    return vi.waitFor(async () => {
      const row = await findTrack(track);
      expect(row?.status).toBe('derived');
      expect(row!).toSatisfy(accept);
      return row!;
    }, patience);
  }

  it('spools while the object store is away, stays ready, and catches up by itself', async () => {
    const track = await openTrack(await startRecording());
    await soundFor(1000);
    await services.s3!.stop();
    await soundFor(7000);
    track.end();
    await vi.waitFor(() => expect(recorder.spool.waitingBytes).toBeGreaterThan(0), patience);
    expect(await app.app.get(HealthRegistry).report()).toMatchObject({
      status: 'ok',
      checks: { 'object-store': 'degraded' },
    });
    await services.s3!.start();
    const { media, gaps } = await whenDerived(track);
    expect(media!.durationMs).toBeGreaterThan(7800);
    expect(gaps).toEqual([]);
    expect(recorder.spool.waitingBytes).toBe(0);
  }, 180_000);

  it('begins and ends tracks while the database is away, and notes them when it is back', async () => {
    const recording = await startRecording();
    const earlier = await openTrack(recording);
    await soundFor(1000);
    await services.postgres!.kill();
    const later = await openTrack(recording);
    await soundFor(6000);
    earlier.end();
    later.end();
    await services.postgres!.start();
    for (const track of [earlier, later]) {
      const { media, gaps } = await whenDerived(track);
      expect(media!.durationMs).toBeGreaterThan(5500);
      expect(gaps).toEqual([]);
    }
  }, 180_000);

  it('makes a track of what is stored when its recorder does not come back, and of all when it does', async () => {
    const recording = await startRecording();
    const { recordingId, recordedAt } = recording;
    const track = { recordingId, trackId: newId() };
    const folder = await mkdtemp(join(tmpdir(), 'rushes-dead-recorder-'));
    const rows = new TrackRows(app.app.get(Database));
    const firstStored = Promise.withResolvers<void>();
    const spool = new Spool({
      folder,
      store: app.app.get<ObjectStore>(ObjectStore),
      onStored: async (piece, key) => {
        await rows.addObject(piece, key);
        firstStored.resolve();
        return 'kept';
      },
    });
    const producer = await openPacedMicrophone(sfu.router);
    const about = { spool, recordedAt, participantId: newId(), source: 'microphone' as const };
    const dying = await recordProducer(sfu.router, producer, { ...track, ...about });
    await firstStored.promise;
    spool.stop();
    await soundFor(2000);
    await dying.close();
    producer.close();
    await app.app.get(RecordingLifecycle).end(recordingId, 'process-died');

    const partial = await whenDerived(track);
    const lost = partial.gaps.find(({ reason }) => reason === 'recorder-down')!;
    expect(partial.media!.durationMs).toBeLessThan(6000);
    expect(lost.toMs - lost.fromMs).toBeGreaterThan(1000);

    await cp(folder, recorder.spool.folder, { recursive: true });
    await recorder.recover();
    const whole = await whenDerived(track, ({ media }) => media!.durationMs > 6500);
    expect(whole.gaps).toEqual([]);
    await rm(folder, { recursive: true });
  }, 240_000);
});
