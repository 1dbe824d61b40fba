import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openDatabase, type Database, PacketObjectEntity, RecordingEntity, TrackEntity } from '@rushes/database';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { recordingPrefix } from '@rushes/timeline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storeMicrophone, storeRecording } from '../../../libs/recorder/src/testing/store-microphone.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const [recordingId, trackId, recordedAt] = ['recording', 'track', 1_780_000_000_000];
const seconds = 12;

let dataDir: string;
let store: FilesystemObjectStore;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rushes-derive-'));
  store = new FilesystemObjectStore(join(dataDir, 'objects'));
  const database = await openDatabase({ dataDir });
  await storeRecording(database, { recordingId, recordedAt, seconds });
  await storeMicrophone(database, store, {
    recordingId,
    trackId,
    participantId: 'ann',
    recordedAt,
    seconds,
    lost: [200, 260],
  });
  await database.close();
}, 60_000);
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** The real command in a process of its own. */
function derive(recording: string): Promise<{ stdout: string }> {
  const env = { PATH: process.env.PATH, RUSHES_DATA_DIR: dataDir, RUSHES_API_KEY: 'k'.repeat(32) };
  return promisify(execFile)(process.execPath, ['--import', 'tsx', main, 'derive', recording], { env });
}

async function readFile(): Promise<{ sha256: string; row: TrackEntity }> {
  const database = await openDatabase({ dataDir });
  const row = await database.dataSource.getRepository(TrackEntity).findOneByOrFail({ recordingId, trackId });
  await database.close();
  const bytes = await store.read(recordingPrefix(recordingId) + row.media!.key);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), row };
}

it('makes a recording’s files anew, the same bytes every time, and notes how the clocks fitted', async () => {
  const { stdout } = await derive(recordingId);
  const first = await readFile();
  expect(first.row).toMatchObject({ status: 'derived', sync: { method: 'sender-reports', driftPpm: 0, outliers: 1 } });
  expect(first.row.media!.durationMs).toBeCloseTo(seconds * 1000, 3);
  expect(first.row.gaps).toEqual([{ fromMs: 4000, toMs: 5200, reason: 'network-loss' }]);
  expect(stdout).toContain(first.sha256);
  expect(stdout).toContain('network-loss 1.2 s');
  await store.delete([recordingPrefix(recordingId) + first.row.media!.key]);
  expect((await derive(recordingId)).stdout).toBe(stdout);
  expect(await readFile()).toEqual(first);
}, 120_000);

it('changes nothing while the recording runs, or when the packets are gone', async () => {
  const { sha256 } = await readFile();
  const change = async (work: (database: Database) => Promise<unknown>): Promise<void> => {
    const database = await openDatabase({ dataDir });
    await work(database).finally(() => database.close());
  };
  const setStatus = (status: 'recording' | 'ready') =>
    change(({ dataSource }) => dataSource.getRepository(RecordingEntity).update({ recordingId }, { status }));
  const refusal = (message: string) => ({ code: 1, stderr: expect.stringContaining(message) as string });
  await setStatus('recording');
  await expect(derive(recordingId)).rejects.toMatchObject(refusal('still runs'));
  await setStatus('ready');
  await change(({ dataSource }) => dataSource.getRepository(PacketObjectEntity).delete({ recordingId }));
  await expect(derive(recordingId)).rejects.toMatchObject(refusal('no stored packets'));
  const after = await readFile();
  expect([after.sha256, after.row.status]).toEqual([sha256, 'derived']);
}, 120_000);

it('says so when there is no such recording', async () => {
  await expect(derive('nothing')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no recording nothing.') as string,
  });
}, 60_000);
