import { setTimeout as pause } from 'node:timers/promises';
import { Database } from '@rushes/database';
import {
  EventPublishers,
  HealthRegistry,
  LOGGER,
  newId,
  RecordingLifecycle,
  RoomDirectory,
  type Logger,
} from '@rushes/platform';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RoomRegistry } from './room/room-registry.ts';
import { PageClient } from './testing/page-client.ts';
import { startRooms, type RunningRooms } from './testing/start-rooms.ts';

const emptyRoomMs = 200;

describe('a room whose process', () => {
  let rooms: RunningRooms;
  let host: PageClient;
  let roomId: string;
  beforeAll(async () => {
    rooms = await startRooms({ emptyRoomMs });
  });
  afterAll(() => rooms.close());
  afterEach(() => host.drop());

  async function enter(): Promise<PageClient> {
    roomId = newId();
    const token = await rooms.issue({ roomId, participantId: 'ada', role: 'host' });
    host = await PageClient.connect(rooms.url, token);
    await host.request('join', { name: 'Ada' });
    return host;
  }

  /** Statuses of the room's recordings, the oldest first. */
  async function statuses(): Promise<string[]> {
    const { rows } = await rooms.app
      .get(Database)
      .pool.query<{ status: string }>('SELECT "status" FROM recordings WHERE "roomId" = $1 ORDER BY "recordedAt"', [
        roomId,
      ]);
    return rows.map(({ status }) => status);
  }

  it('was thought dead and lives is recorded again', async () => {
    await enter();
    const { recordingId } = await host.request('startRecording', { title: 'Stand-up' });
    await host.when('recording-started');
    const { app } = rooms;
    const [database, publishers, logger] = [app.get(Database), app.get(EventPublishers), app.get<Logger>(LOGGER)];
    const other = new RecordingLifecycle(database, publishers, logger, 'another-process');
    await other.interrupt(recordingId);
    const goesOn = await host.when('recording-started', ({ continuesRecordingId }) => continuesRecordingId !== null);
    expect(goesOn).toMatchObject({ continuesRecordingId: recordingId, title: 'Stand-up' });
    expect(await statuses()).toEqual(['processing', 'recording']);
  });

  it('gave up to start a recording does not follow that start when it arrives late', async () => {
    await enter();
    const started = { roomId, recordedAt: Date.now() };
    const publisher = rooms.app.get(EventPublishers).create('spec');
    await publisher.publish(newId(), { type: 'rushes.recording.started.v1', atMs: 0, data: started });
    const { recordingId } = await host.request('startRecording', {});
    await host.when('recording-started', (grant) => grant.recordingId === recordingId);
    expect(host.notifications.filter(({ event }) => event === 'recording-started')).toHaveLength(1);
  });

  it('ends it while its recording begins keeps no recording running', async () => {
    await enter();
    // Either may be answered, or the page put out before.
    await Promise.allSettled([host.request('startRecording', {}), host.request('endRoom', {})]);
    await vi.waitFor(async () => expect(await statuses()).not.toContain('recording'), 10_000);
  });

  it('ends is not over when everybody has been put out, to go on elsewhere', async () => {
    await enter();
    const room = rooms.app.get(RoomRegistry).find(roomId)!;
    rooms.app.get(HealthRegistry).drain();
    await host.drop();
    await vi.waitFor(() => expect(room.members).toHaveLength(0));
    // Longer than an empty room lives otherwise.
    await pause(3 * emptyRoomMs);
    expect(room.isEnded).toBe(false);
  });

  it('ends while the database is away has its people put out, and does not keep the recorder from ending in order', async () => {
    await enter();
    await host.request('startRecording', {});
    const { app } = rooms;
    const room = app.get(RoomRegistry).find(roomId)!;
    const away = new Error('the database is away');
    const end = vi.spyOn(app.get(RecordingLifecycle), 'end').mockRejectedValue(away);
    const handOver = vi.spyOn(app.get(RoomDirectory), 'handOver').mockRejectedValue(away);
    await app.get(RoomRegistry).onModuleDestroy();
    expect(room.isEnded).toBe(true);
    expect(end).toHaveBeenCalled();
    expect(handOver).toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});
