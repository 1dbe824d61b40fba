import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from './database.ts';
import { FolderLockedError } from './embedded/folder-lock.ts';
import { ExportEntity, RecordingEntity, TrackEntity, entities } from './entities/index.ts';
import { openDatabase } from './open-database.ts';
import { copyTemplate } from './testing/index.ts';

let dataDir: string;
let database: Database;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rushes-open-'));
  await copyTemplate(dataDir);
  database = await openDatabase({ dataDir });
}, 60_000);
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true });
});

const recording = (recordingId: string) => ({
  recordingId,
  roomId: `room-of-${recordingId}`,
  status: 'recording' as const,
  recordedAt: 1_790_000_000_123,
});

it('has a table that fits every entity', async () => {
  const builder = database.dataSource.driver.createSchemaBuilder();
  const { upQueries } = await builder.log();
  const differences = upQueries
    .map(({ query }) => query)
    // Indexes, constraint names and foreign keys stand in the migration only.
    .filter((query) => !/^(DROP INDEX|CREATE .*INDEX|ALTER TABLE "\w+" (DROP|ADD) CONSTRAINT)/.test(query));
  expect(differences).toEqual([]);
  expect(entities).toHaveLength(10);
});

it('gives back what an entity was saved with, epoch milliseconds as numbers', async () => {
  const recordings = database.dataSource.getRepository(RecordingEntity);
  await recordings.insert({ ...recording('r1'), heldUntil: 1_790_000_015_123 });
  expect(await recordings.findOneByOrFail({ recordingId: 'r1' })).toEqual({
    ...recording('r1'),
    title: null,
    endedAtMs: null,
    endReason: null,
    continuesRecordingId: null,
    highestLayer: null,
    holderId: null,
    timelineEpoch: 0,
    heldUntil: 1_790_000_015_123,
  });
  await database.dataSource.getRepository(TrackEntity).insert({
    trackId: 't1',
    recordingId: 'r1',
    participantId: 'ada',
    kind: 'audio',
    source: 'microphone',
    codec: 'opus',
    startMs: 12.5,
    status: 'recording',
  });
  const track = await database.dataSource.getRepository(TrackEntity).findOneByOrFail({ trackId: 't1' });
  expect(track).toMatchObject({ startMs: 12.5, endMs: null, gaps: [], media: null, sync: null });
});

it('deletes what belongs to a recording with it', async () => {
  await database.dataSource.getRepository(RecordingEntity).insert(recording('r2'));
  const exports = database.dataSource.getRepository(ExportEntity);
  await exports.insert({ exportId: 'e1', recordingId: 'r2', status: 'queued', request: { layout: 'grid' } });
  expect((await exports.findOneByOrFail({ exportId: 'e1' })).createdAt).toBeInstanceOf(Date);
  await database.dataSource.getRepository(RecordingEntity).delete({ recordingId: 'r2' });
  expect(await exports.countBy({ exportId: 'e1' })).toBe(0);
});

it('undoes a transaction that fails, and no more than that', async () => {
  const recordings = database.dataSource.getRepository(RecordingEntity);
  const failing = database.dataSource.transaction(async (manager) => {
    await manager.insert(RecordingEntity, recording('r3'));
    throw new Error('No, says the test');
  });
  const beside = recordings.insert(recording('r4'));
  await expect(failing).rejects.toThrow('No, says the test');
  await beside;
  expect(await recordings.countBy({ recordingId: 'r3' })).toBe(0);
  expect(await recordings.countBy({ recordingId: 'r4' })).toBe(1);
});

it('refuses a folder that is open, and has everything in it when it is opened again', async () => {
  await expect(openDatabase({ dataDir })).rejects.toBeInstanceOf(FolderLockedError);
  await database.dataSource.getRepository(RecordingEntity).insert(recording('kept'));
  await database.close();
  await database.close();
  database = await openDatabase({ dataDir });
  expect(await database.dataSource.getRepository(RecordingEntity).countBy({ recordingId: 'kept' })).toBe(1);
});
