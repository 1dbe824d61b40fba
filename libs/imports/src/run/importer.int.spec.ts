import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@rushes/database';
import { encodeDumpHeader, encodeDumpPacket, FfmpegError, runFfmpegArgs } from '@rushes/media';
import { ObjectStore } from '@rushes/object-store';
import { createLogger, EventPublishers, newId, RecordingRows } from '@rushes/platform';
import { startTestApplication, type TestApplication } from '@rushes/platform/testing';
import { recordingPrefix, type ImportDocumentInput } from '@rushes/timeline';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { planImport } from '../plan/plan-import.ts';
import { Importer, type Imported } from './importer.ts';
import { ImportRows } from './import-rows.ts';

const nowMs = 1_780_000_000_000;
let app: TestApplication;
let database: Database;
let store: ObjectStore;
let importer: Importer;
let folder: string;
beforeAll(async () => {
  app = await startTestApplication([]);
  [database, store] = [app.app.get(Database), app.app.get<ObjectStore>(ObjectStore)];
  const publisher = app.app.get(EventPublishers).create('import');
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' });
  importer = new Importer({ database, store, publisher, logger, holderId: newId() });
}, 60_000);
afterAll(() => app.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-importer-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Two seconds of Opus silence of each payload type. */
async function writeDump(name: string, ...types: number[]): Promise<void> {
  const packets = Array.from({ length: 100 }, (_, index) =>
    types.map((type) => {
      const data = Buffer.alloc(15);
      data.set([0x80, type]);
      data.writeUInt16BE(index, 2);
      data.writeUInt32BE(index * 960, 4);
      data.writeUInt32BE(type, 8);
      data.set([0xf8, 0xff, 0xfe], 12);
      return encodeDumpPacket({ kind: 'rtp', atMs: index * 20, data });
    }),
  );
  await writeFile(join(folder, name), Buffer.concat([encodeDumpHeader(nowMs), ...packets.flat()]));
}

async function run(document: ImportDocumentInput): Promise<Imported> {
  await writeFile(join(folder, 'import.json'), JSON.stringify(document));
  return importer.run(await planImport(folder, nowMs));
}

const outcomes = ({ files }: Imported) => files.map(({ file, outcome, tracks }) => [file, outcome, tracks.length]);

it('takes the tracks of a participant of whom other packets cannot be decoded, and leaves nothing of those', async () => {
  await writeDump('camera.rtpdump', 96);
  await writeDump('screen.rtpdump', 96);
  await writeDump('microphone.rtpdump', 111);
  const imported = await run({
    tracks: [
      { file: 'camera.rtpdump', participant: 'ann', trackId: 'camera', rtp: { codec: 'video/H265', cname: 'ann' } },
      { file: 'microphone.rtpdump', participant: 'ann', trackId: 'voice', rtp: { codec: 'audio/opus', cname: 'ann' } },
      { file: 'screen.rtpdump', participant: 'ann', trackId: 'screen', rtp: { codec: 'video/H265', cname: 'ann' } },
    ],
  });
  expect(outcomes(imported)).toEqual([
    ['camera.rtpdump', 'refused', 0],
    ['microphone.rtpdump', 'imported', 1],
    ['screen.rtpdump', 'refused', 0],
  ]);
  const keys: string[] = [];
  for await (const { key } of store.list(`${recordingPrefix(imported.recordingId)}tracks/`)) keys.push(key);
  expect(keys.filter((key) => !key.includes('/voice/'))).toEqual([]);
  expect(keys.some((key) => key.includes('/voice/'))).toBe(true);
});

it('calls a file imported of which one of two tracks could be taken', async () => {
  await writeDump('both.rtpdump', 96, 111);
  const imported = await run({
    tracks: [
      { file: 'both.rtpdump', participant: 'ann', rtp: { codec: 'audio/opus', payloadType: 111 } },
      { file: 'both.rtpdump', participant: 'ann', rtp: { codec: 'video/H265', payloadType: 96 } },
    ],
  });
  expect(outcomes(imported)).toEqual([['both.rtpdump', 'imported', 1]]);
  expect(imported.files[0]!.problems).toEqual([expect.stringContaining('video/H265')]);
});

it('fails when the machine cannot do its part, and says it of no file', async () => {
  await runFfmpegArgs(['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=1', join(folder, 'ann.wav')]);
  const plan = await planImport(folder, nowMs);
  vi.stubEnv('FFMPEG_PATH', join(folder, 'nowhere'));
  const recordingId = newId();
  const failed = importer.run(plan, undefined, recordingId);
  await expect(failed).rejects.toBeInstanceOf(FfmpegError);
  vi.unstubAllEnvs();
  expect(await new RecordingRows(database).find(recordingId)).toMatchObject({ status: 'failed' });
  expect(plan.report.list()).toEqual([]);
});

it('hears when its recording was taken for dead', async () => {
  const rows = new ImportRows(database);
  const row = { roomId: 'imported', title: undefined, recordedAt: nowMs, holderId: newId() };
  const [living, dead] = [newId(), newId()];
  for (const recordingId of [living, dead]) await rows.begin({ recordingId, ...row });
  await new RecordingRows(database).fail(dead);
  expect([await rows.settle(living), await rows.settle(dead), await rows.settle(newId())]).toEqual([
    true,
    false,
    false,
  ]);
  expect(await new RecordingRows(database).find(dead)).toMatchObject({ status: 'failed' });
});
