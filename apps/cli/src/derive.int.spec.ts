import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openDatabase, type Database, PacketObjectEntity, RecordingEntity, TrackEntity } from '@rushes/database';
import { encodeDumpHeader, encodeDumpPacket, encodeNote, encodeSenderReport, type TrackHeader } from '@rushes/media';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import { afterAll, beforeAll, expect, it } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const [recordingId, trackId, recordedAt] = ['recording', 'track', 1_780_000_000_000];
const seconds = 12;

let dataDir: string;
let store: FilesystemObjectStore;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rushes-derive-'));
  store = new FilesystemObjectStore(join(dataDir, 'objects'));
  await storeTrack();
}, 60_000);
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** The real command in a process of its own. */
function derive(recording: string): Promise<{ stdout: string }> {
  const env = { PATH: process.env.PATH, RUSHES_DATA_DIR: dataDir, RUSHES_API_KEY: 'k'.repeat(32) };
  return promisify(execFile)(process.execPath, ['--import', 'tsx', main, 'derive', recording], { env });
}

/** A microphone's packets, a report every second (one of them wrong), and the rows of an ended recording. */
async function storeTrack(): Promise<void> {
  const header: TrackHeader = {
    ...{ kind: 'track', version: 1, trackId, participantId: 'ann', media: 'audio', source: 'microphone' },
    ...{ codec: 'audio/opus', clockRate: 48_000, cname: 'ann', startMs: 0 },
  };
  const isLost = (index: number) => index >= 200 && index < 260;
  const all = Array.from({ length: seconds * 50 }, (_, index) => index).filter((index) => !isLost(index));
  const packets = all.map((index) => encodeDumpPacket(packetAt(index)));
  const reports = Array.from({ length: seconds }, (_, second) => encodeDumpPacket(reportAt(second)));
  const prefix = recordingPrefix(recordingId);
  const dump = Buffer.concat([encodeDumpHeader(recordedAt), ...packets, ...reports]);
  await store.put(prefix + objectKeys.packets(trackId, 0), dump);
  const notes = encodeNote(header) + encodeNote({ kind: 'ended', atMs: seconds * 1000 });
  await store.put(prefix + objectKeys.trackNotes(trackId), Buffer.from(notes));
  const database = await openDatabase({ dataDir });
  const { dataSource } = database;
  await dataSource.getRepository(RecordingEntity).insert({
    ...{ recordingId, roomId: 'room', title: null, status: 'ready', recordedAt, endedAtMs: seconds * 1000 },
    ...{ endReason: 'stopped', holderId: null, heldUntil: null, continuesRecordingId: null, highestLayer: null },
  });
  await dataSource.getRepository(TrackEntity).insert({
    ...{ recordingId, trackId, participantId: 'ann', kind: 'audio', source: 'microphone', codec: 'audio/opus' },
    ...{ startMs: 0, endMs: seconds * 1000, media: null, gaps: [], sync: null, status: 'failed', heardAt: null },
  });
  await dataSource.getRepository(PacketObjectEntity).insert({
    ...{ recordingId, trackId, n: 0, key: objectKeys.packets(trackId, 0), sizeBytes: dump.length },
    ...{ packetCount: packets.length + reports.length, firstMs: 0, lastMs: seconds * 1000 },
  });
  await database.close();
}

function packetAt(index: number): Parameters<typeof encodeDumpPacket>[0] {
  const data = Buffer.alloc(15);
  data.writeUInt16BE(0x8064, 0);
  data.writeUInt16BE(index, 2);
  data.writeUInt32BE(index * 960, 4);
  data.writeUInt32BE(4711, 8);
  data.set([0xf8, 0xff, 0xfe], 12);
  return { kind: 'rtp', atMs: index * 20, data };
}

function reportAt(second: number): Parameters<typeof encodeDumpPacket>[0] {
  const ntpSec = 3_900_000_000 + second + (second === 6 ? 3 : 0);
  const report = { ssrc: 4711, ntpSec, ntpFrac: 0, rtpTimestamp: second * 48_000, packetCount: 0, octetCount: 0 };
  return { kind: 'rtcp', atMs: second * 1000, data: encodeSenderReport(report) };
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
