import { Database } from '@rushes/database';
import { EventLog, topics, type LogRecord } from '@rushes/event-log';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { monotonicEpochMs } from '../clock/recording-clock.ts';
import { EventPublishers } from '../events/event-publishers.ts';
import { newId } from '../ids/new-id.ts';
import { createLogger } from '../logging/logger.ts';
import { externalHolderId } from './holder-id.ts';
import { startTestApplication, type TestApplication } from '../testing/index.ts';
import { externalHoldMs, holdMs, importHoldMs, RecordingLifecycle } from './recording-lifecycle.ts';
import { RecordingReaper } from './recording-reaper.ts';
import { RecordingRows } from './recording-rows.ts';

let app: TestApplication;
let database: Database;
let eventLog: EventLog;
let publishers: EventPublishers;
let rows: RecordingRows;
let lifecycle: RecordingLifecycle;
let reaper: RecordingReaper;
let self: string;
let roomId: string;
const logger = createLogger({ logLevel: 'silent', logFormat: 'json' });

beforeAll(async () => {
  app = await startTestApplication([]);
  database = app.app.get(Database);
  eventLog = app.app.get(EventLog);
  publishers = app.app.get(EventPublishers);
  rows = new RecordingRows(database);
}, 60_000);

afterAll(() => app.close());

beforeEach(() => {
  self = newId();
  roomId = newId();
  lifecycle = new RecordingLifecycle(database, publishers, logger, self);
  reaper = new RecordingReaper(database, lifecycle, logger);
});

afterEach(async () => {
  await reaper.beforeApplicationShutdown();
  await lifecycle.beforeApplicationShutdown();
});

/** What the log has of a recording, as `type atMs data`. */
async function published(recordingId: string): Promise<[string, number, unknown][]> {
  return (await eventsOf(recordingId)).map((event) => [event.type, event.atms, event.data]);
}

/** Where a recording's events of a type stand. */
async function positions(recordingId: string, type: string): Promise<string[]> {
  return (await eventsOf(recordingId)).filter((event) => event.type === type).map((event) => event.id);
}

async function eventsOf(recordingId: string): Promise<LogRecord['event'][]> {
  const records: LogRecord[] = [];
  const subscription = await eventLog.subscribe({
    group: newId(),
    topics: [topics.events],
    onRecords: async (some) => void records.push(...some),
  });
  await subscription.whenCaughtUp();
  await subscription.close();
  return records.map(({ event }) => event).filter((event) => event.recordingid === recordingId);
}

/** A recording whose holder was last heard of 8 s after its start. @returns its id */
async function leaveBehind(holderId: string, startedAgoMs: number): Promise<string> {
  const recordedAt = Math.round(monotonicEpochMs()) - startedAgoMs;
  const recordingId = newId();
  await rows.insert({
    recordingId,
    roomId: newId(),
    title: null,
    recordedAt,
    holderId,
    heldUntil: recordedAt + 8_000 + holdMs,
  });
  return recordingId;
}

/** The reaper at work for `durationMs` from `fromMs` on, in the time of its clock. */
async function reapDuring(durationMs: number, fromMs: number): Promise<void> {
  for (let nowMs = fromMs; nowMs < fromMs + durationMs; nowMs += 5_000) await reaper.reap(nowMs);
  await reaper.reap(fromMs + durationMs);
}

describe('RecordingLifecycle', () => {
  it('writes the row and says that the recording began', async () => {
    const row = await lifecycle.start({ roomId, title: 'Weekly', holderId: self });
    expect(row).toMatchObject({
      roomId,
      title: 'Weekly',
      status: 'recording',
      endedAtMs: null,
      endReason: null,
    });
    expect(await published(row.recordingId)).toEqual([
      ['rushes.recording.started.v1', 0, { roomId, title: 'Weekly', recordedAt: row.recordedAt }],
    ]);
  });

  it('leaves nothing behind when the event log does not take it', async () => {
    const title = 'x'.repeat(201);
    await expect(lifecycle.start({ roomId, title, holderId: self })).rejects.toMatchObject({ code: 'event-invalid' });
    await lifecycle.start({ roomId, holderId: self });
  });

  it('ends a recording once, whoever asks again and with whatever reason', async () => {
    const { recordingId } = await lifecycle.start({ roomId, holderId: self });
    const [first, second] = await Promise.all([
      lifecycle.end(recordingId, 'stopped'),
      lifecycle.end(recordingId, 'room-ended'),
    ]);
    expect(first).toMatchObject({
      status: 'processing',
      endReason: expect.stringMatching(/stopped|room-ended/) as string,
    });
    expect(second?.endReason).toBe(first?.endReason);
    expect((await lifecycle.end(recordingId, 'everyone-left'))?.endReason).toBe(first?.endReason);
    expect((await published(recordingId)).filter(([type]) => type === 'rushes.recording.ended.v1')).toEqual([
      ['rushes.recording.ended.v1', first?.endedAtMs, { reason: first?.endReason }],
    ]);
  });

  it('knows no recording that is not there', async () => {
    expect(await lifecycle.end('nothing', 'stopped')).toBeUndefined();
  });

  it('has one recording a room at a time', async () => {
    const { recordingId } = await lifecycle.start({ roomId, holderId: self });
    await expect(lifecycle.start({ roomId, holderId: self })).rejects.toMatchObject({
      status: 409,
      code: 'already-recording',
    });
    await lifecycle.end(recordingId, 'stopped');
    await lifecycle.start({ roomId, holderId: self });
  });

  it('ends what an earlier process left behind, when that process was last heard of', async () => {
    const left = await leaveBehind('earlier-process', 9_000);
    await reaper.onApplicationBootstrap();
    expect(await rows.find(left)).toMatchObject({
      status: 'processing',
      endReason: 'process-died',
      endedAtMs: 8_000,
      heldUntil: null,
    });
    expect(await published(left)).toEqual([['rushes.recording.ended.v1', 8_000, { reason: 'process-died' }]]);
  });

  it('does not cut off what was stored after that', async () => {
    const left = await leaveBehind('earlier-process', 9_000);
    await publishers
      .create('rooms')
      .publish(left, { type: 'rushes.recording.marked.v1', atMs: 8_700, data: { label: 'x' } });
    await reaper.onApplicationBootstrap();
    expect(await rows.find(left)).toMatchObject({ endedAtMs: 8_700 });
  });

  it('ends a recording whose holder has fallen silent', async () => {
    const left = await leaveBehind(self, 60_000);
    const nowMs = monotonicEpochMs();
    await reapDuring(holdMs, nowMs);
    expect(await rows.find(left)).toMatchObject({ endReason: 'process-died', endedAtMs: 8_000 });
  });

  it('calls nobody silent whom it could not have heard', async () => {
    const left = await leaveBehind(self, 60_000);
    const nowMs = monotonicEpochMs();
    await reapDuring(holdMs - 5_000, nowMs);
    // The database was away for half a minute.
    await reapDuring(holdMs - 5_000, nowMs + 40_000);
    expect(await rows.find(left)).toMatchObject({ status: 'recording' });
    await reapDuring(5_000, nowMs + 50_000);
    expect(await rows.find(left)).toMatchObject({ status: 'processing', endReason: 'process-died' });
  });

  it('says the same event when two processes notice the same death', async () => {
    const left = await leaveBehind(self, 60_000);
    const row = (await rows.find(left))!;
    const others = ['one', 'two'].map((holderId) => new RecordingLifecycle(database, publishers, logger, holderId));
    await Promise.all(others.map((other) => other.finishAbandoned(row)));
    const ended = (await rows.find(left))!;
    await Promise.all(others.map((other) => other.finishAbandoned({ ...ended, heldUntil: 0 })));
    const ends = await positions(left, 'rushes.recording.ended.v1');
    expect(ends.length).toBeGreaterThan(1);
    expect(new Set(ends)).toEqual(new Set([`services/lifecycle/${left}#1`]));
  });

  it('says once more that a recording ended, when the process died before it was known to be said', async () => {
    const left = await leaveBehind('earlier-process', 9_000);
    await rows.end(left, 'stopped', 7_500);
    await reaper.onApplicationBootstrap();
    expect(await published(left)).toEqual([['rushes.recording.ended.v1', 7_500, { reason: 'stopped' }]]);
    expect(await rows.find(left)).toMatchObject({ endReason: 'stopped', heldUntil: null });
  });

  it('calls an import failed whose process has died, and says nothing of it', async () => {
    const { recordingId } = await lifecycle.start({ roomId, holderId: newId() });
    await database.pool.query(
      `UPDATE recordings SET "status" = 'processing', "endReason" = 'imported', "heldUntil" = 1 WHERE "recordingId" = $1`,
      [recordingId],
    );
    const nowMs = monotonicEpochMs();
    await reapDuring(importHoldMs - 5_000, nowMs);
    // Until then it may live: the database may have been away for both.
    expect(await rows.find(recordingId)).toMatchObject({ status: 'processing', heldUntil: 1 });
    await reaper.reap(nowMs + importHoldMs);
    expect(await rows.find(recordingId)).toMatchObject({ status: 'failed', heldUntil: null });
    expect(await positions(recordingId, 'rushes.recording.ended.v1')).toEqual([]);
  });

  it('leaves a meeting hosted elsewhere running over a restart, and ends it when its pages have fallen silent', async () => {
    const { recordingId } = await lifecycle.start({ roomId, holderId: externalHolderId });
    const left = await leaveBehind(externalHolderId, 600_000);
    await reaper.onApplicationBootstrap();
    expect(await rows.find(left)).toMatchObject({ status: 'recording' });
    const nowMs = Math.round(monotonicEpochMs());
    await rows.hold(recordingId, externalHolderId, nowMs + 2 * externalHoldMs);
    await reapDuring(externalHoldMs, nowMs);
    expect(await rows.find(recordingId)).toMatchObject({ status: 'recording' });
    expect(await rows.find(left)).toMatchObject({ status: 'processing', endReason: 'everyone-left' });
  });

  it('keeps a meeting hosted elsewhere recorded while its pages are heard of', async () => {
    const row = await lifecycle.start({ roomId, holderId: externalHolderId });
    lifecycle.heard(row.recordingId);
    lifecycle.heard('unknown');
    await vi.waitFor(async () => {
      expect((await rows.find(row.recordingId))?.heldUntil).toBeGreaterThan(row.heldUntil ?? 0);
    });
    await lifecycle.end(row.recordingId, 'stopped');
  });

  it('keeps what it holds alive by itself', async () => {
    lifecycle.onApplicationBootstrap();
    const row = await lifecycle.start({ roomId, holderId: self });
    await vi.waitFor(
      async () => expect((await rows.find(row.recordingId))?.heldUntil).toBeGreaterThan(row.heldUntil ?? 0),
      5_000,
    );
  });

  it('does not take its own recording for abandoned when it is late', async () => {
    const { recordingId } = await lifecycle.start({ roomId, holderId: self });
    await rows.hold(recordingId, self, 0);
    await reapDuring(holdMs, monotonicEpochMs());
    expect(await rows.find(recordingId)).toMatchObject({ status: 'recording' });
  });

  it('takes no heartbeat from somebody else, nor for a recording that has ended', async () => {
    const { recordingId } = await lifecycle.start({ roomId, holderId: self });
    expect(await lifecycle.heartbeat(recordingId, 'another-process')).toBe(false);
    expect(await lifecycle.heartbeat(recordingId, self)).toBe(true);
    await lifecycle.end(recordingId, 'stopped');
    expect(await lifecycle.heartbeat(recordingId, self)).toBe(false);
  });

  it('ends its recordings when the process is asked to end', async () => {
    const { recordingId } = await lifecycle.start({ roomId, holderId: self });
    await lifecycle.beforeApplicationShutdown();
    expect(await rows.find(recordingId)).toMatchObject({ status: 'processing', endReason: 'room-ended' });
  });
});
