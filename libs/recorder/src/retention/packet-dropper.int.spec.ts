import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, PacketObjectEntity, TrackEntity } from '@rushes/database';
import { copyTemplate } from '@rushes/database/testing';
import { ObjectStore } from '@rushes/object-store';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { EventPublishers, LOGGER, newId } from '@rushes/platform';
import type { Logger } from '@rushes/platform';
import { startTestApplication } from '@rushes/platform/testing';
import type { TestApplication } from '@rushes/platform/testing';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { rederiveRecording } from '../derivation/rederive-recording.ts';
import { TrackDeriver } from '../derivation/track-deriver.ts';
import { RecorderModule } from '../recorder.module.ts';
import { storeMicrophone, storeRecording } from '../testing/store-microphone.ts';
import { TrackRows } from '../track/track-rows.ts';
import { PacketDropper } from './packet-dropper.ts';
import { PacketRows } from './packet-rows.ts';

const seconds = 8;
const dayMs = 86_400_000;
const signal = new AbortController().signal;

let dataDir: string;
let app: TestApplication;
let database: Database;
let store: ObjectStore;
let deriver: TrackDeriver;
let rows: PacketRows;
let recordingId: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rushes-packets-'));
  await copyTemplate(dataDir);
  app = await startTestApplication([], { RUSHES_DATA_DIR: dataDir });
  database = app.app.get(Database);
  store = app.app.get<ObjectStore>(ObjectStore);
  const publisher = app.app.get(EventPublishers).create('spec');
  deriver = new TrackDeriver({ store, rows: new TrackRows(database), publisher, logger: app.app.get<Logger>(LOGGER) });
  rows = new PacketRows(database);
}, 60_000);
afterAll(async () => {
  await app.close();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query('DELETE FROM recordings');
  recordingId = newId();
});

function dropper(over: ObjectStore = store): PacketDropper {
  return new PacketDropper({ store: over, rows, deriver, logger: app.app.get<Logger>(LOGGER) });
}

/** An ended recording of Ann, whose tracks have files. */
async function recordAnn(trackIds: readonly string[], recordedAt = Date.now() - 60_000): Promise<void> {
  await storeRecording(database, { recordingId, recordedAt, seconds });
  for (const trackId of trackIds) {
    await storeMicrophone(database, store, { recordingId, trackId, participantId: 'ann', recordedAt, seconds });
  }
  for (const trackId of trackIds) await deriver.derive({ recordingId, trackId }, signal);
}

const ann = () => ({ recordingId, participantId: 'ann' });
const drop = (keepMs?: number) => dropper().drop(ann(), keepMs, signal);

async function track(trackId: string): Promise<TrackEntity> {
  return database.dataSource.getRepository(TrackEntity).findOneByOrFail({ recordingId, trackId });
}

async function packetsOf(trackId: string): Promise<{ objects: number; rows: number }> {
  let objects = 0;
  for await (const _ of store.list(recordingPrefix(recordingId) + objectKeys.packetsPrefix(trackId))) objects++;
  const found = database.dataSource.getRepository(PacketObjectEntity).countBy({ recordingId, trackId });
  return { objects, rows: await found };
}

const kept = { objects: 1, rows: 1 };
const gone = { objects: 0, rows: 0 };

describe('raw packets', () => {
  it('go when the file was made once more, is the same, and decodes; the file and the notes stay', async () => {
    await recordAnn(['a', 'b']);
    const before = await track('a');
    expect(await rows.due(undefined)).toEqual([ann()]);
    expect(await drop()).toBe('dropped');
    expect([await packetsOf('a'), await packetsOf('b')]).toEqual([gone, gone]);
    expect(await track('a')).toEqual({ ...before, packets: 'dropped' });
    const prefix = recordingPrefix(recordingId);
    expect((await store.head(prefix + before.media!.key))?.sizeBytes).toBe(before.media!.sizeBytes);
    expect(await store.head(prefix + objectKeys.trackNotes('a'))).toBeDefined();
    expect(await rows.due(undefined)).toEqual([]);
  });

  it('stay for as many days as they are to', async () => {
    await recordAnn(['a'], Date.now() - 3 * dayMs);
    expect(await rows.due(4 * dayMs)).toEqual([]);
    expect(await rows.due(2 * dayMs)).toEqual([ann()]);
    expect(await drop(2 * dayMs)).toBe('dropped');
  });

  it('stay when the file is another, which is made anew, and go the next time', async () => {
    await recordAnn(['a']);
    const { key } = (await track('a')).media!;
    const good = await store.read(recordingPrefix(recordingId) + key);
    await store.put(recordingPrefix(recordingId) + key, good.slice(0, -10));
    expect(await drop()).toBe('made-anew');
    expect(await packetsOf('a')).toEqual(kept);
    expect(await store.read(recordingPrefix(recordingId) + key)).toEqual(good);
    await store.delete([recordingPrefix(recordingId) + key]);
    expect(await drop()).toBe('made-anew');
    expect(await drop()).toBe('dropped');
  });

  it('stay when a file does not decode', async () => {
    await recordAnn(['a']);
    vi.stubEnv('FFMPEG_PATH', '/bin/false');
    expect(await drop().finally(() => vi.unstubAllEnvs())).toBe('unverified');
    expect(await packetsOf('a')).toEqual(kept);
    expect((await track('a')).packets).toBe('kept');
  });

  it.each([
    ['failed', { status: 'failed' }],
    ['has no file though packets came', { status: 'empty' }],
    ['is not derived yet', { status: 'spooled' }],
    ['ended with a recorder that is down', { gaps: [{ fromMs: 1, toMs: 2, reason: 'recorder-down' }] }],
  ] as const)('stay, of all of the participant’s tracks, while one of them %s', async (_, change) => {
    await recordAnn(['a', 'b']);
    await database.dataSource.getRepository(TrackEntity).update({ recordingId, trackId: 'b' }, change as object);
    expect(await rows.due(undefined)).toEqual([]);
    expect(await drop()).toBe('not-due');
    expect([await packetsOf('a'), await packetsOf('b')]).toEqual([kept, kept]);
  });

  it('stay while the recording is not ready', async () => {
    await recordAnn(['a']);
    await database.pool.query(`UPDATE recordings SET "status" = 'processing'`);
    expect(await rows.due(undefined)).toEqual([]);
    expect(await drop()).toBe('not-due');
  });
});

describe('a process that ends in between', () => {
  /** Its n-th deletion is its last. */
  class DyingStore extends FilesystemObjectStore {
    deletions = 0;
    constructor(private readonly mostDeletions: number) {
      super(join(dataDir, 'objects'));
    }
    override async delete(keys: readonly string[]): Promise<void> {
      if (this.deletions++ >= this.mostDeletions) throw new Error('killed');
      await super.delete(keys);
    }
  }

  it.each([0, 1])(
    'after %i tracks never leaves one that claims packets it lacks, and another finishes it',
    async (most) => {
      await recordAnn(['a', 'b']);
      const dying = dropper(new DyingStore(most)).drop(ann(), undefined, signal);
      await expect(dying).rejects.toThrow('killed');
      for (const trackId of ['a', 'b']) {
        const { packets } = await track(trackId);
        expect(packets).not.toBe('kept');
      }
      const logger = app.app.get<Logger>(LOGGER);
      const parts = { database, store, publisher: app.app.get(EventPublishers).create('spec'), logger };
      await expect(rederiveRecording(recordingId, parts)).rejects.toMatchObject({ code: 'packets-dropped' });
      expect(await rows.due(undefined)).toEqual([ann()]);
      expect(await drop()).toBe('dropped');
      expect([await packetsOf('a'), await packetsOf('b')]).toEqual([gone, gone]);
      expect((await track('b')).packets).toBe('dropped');
    },
  );

  it('before it said anything leaves everything as it was', async () => {
    await recordAnn(['a']);
    const ended = AbortSignal.abort(new Error('the recorder ends'));
    await expect(dropper().drop(ann(), undefined, ended)).rejects.toThrow('the recorder ends');
    expect(await packetsOf('a')).toEqual(kept);
    expect((await track('a')).packets).toBe('kept');
  });
});

it('a recorder that comes back with more packets of such a track changes nothing', async () => {
  await recordAnn(['a']);
  await drop();
  const before = await track('a');
  const tracks = new TrackRows(database);
  await tracks.finish({ recordingId, trackId: 'a' }, 99_000);
  await tracks.reopen({ recordingId, trackId: 'a' });
  await tracks.setFailed({ recordingId, trackId: 'a' });
  expect(await deriver.derive({ recordingId, trackId: 'a' }, signal)).toBeUndefined();
  expect(await track('a')).toEqual(before);
});

it('recorders drop what is due by themselves, as RUSHES_RAW_PACKETS says', async () => {
  await recordAnn(['a']);
  await app.close();
  const env = { RUSHES_DATA_DIR: dataDir, RUSHES_RAW_PACKETS: 'drop-after-verification' };
  app = await startTestApplication([RecorderModule], env);
  database = app.app.get(Database);
  await vi.waitFor(async () => expect((await track('a')).packets).toBe('dropped'), 30_000);
  expect(await packetsOf('a')).toEqual(gone);
});
