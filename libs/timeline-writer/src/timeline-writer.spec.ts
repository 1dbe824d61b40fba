import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { copyTemplate } from '@rushes/database/testing';
import { z } from 'zod';
import { CheckpointEntity, ChunkEntity, TrackEntity } from '@rushes/database';
import { topics } from '@rushes/event-log';
import { createReducer, recordingPrefix, type RoomState, type TimelinePlugin } from '@rushes/timeline';
import { chat, chatTexts, dom, joined, RecordingFixture } from './testing/recording-fixture.ts';

const page = 'participants/ann/page1';
const laterPage = 'participants/ann/page2';
const other = 'participants/bob/page1';

const counter: TimelinePlugin = {
  id: 'counter',
  events: { 'raised.v1': z.object({}) },
  initialState: 0,
  reduce: (state) => Number(state) + 1,
};

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let shared: RecordingFixture;
let fixture: RecordingFixture;
beforeAll(async () => {
  shared = await RecordingFixture.start({ plugins: [counter] });
});
beforeEach(async () => {
  fixture = await shared.another();
});
afterAll(() => shared.application.close());

describe('events chunks', () => {
  it('open with the state before them, cover the recording and end in the state that the manifest tells', async () => {
    await fixture.say(
      joined('ann', 100, 'Ann'),
      chat(page, 0, 200, 'one'),
      chat(page, 1, 61_000, 'two'),
      chat(page, 2, 150_000, 'three'),
    );
    await fixture.writer.whenWritten();

    const chunks = await fixture.eventsChunks();
    expect(chunks.map((chunk) => chunk.startMs)).toEqual([0, 60_000, 120_000]);
    expect(chunks[1]!.snapshot.chat.map((message) => message.text)).toEqual(['one']);
    expect(chunks[2]!.snapshot.chat.map((message) => message.text)).toEqual(['one', 'two']);
    expect(chunks[0]!.events[0]?.type).toBe('rushes.recording.started.v1');
    const manifest = await fixture.manifest();
    expect(manifest).toMatchObject({ status: 'recording', title: 'Stand-up', durationMs: 150_000 });
    expect(manifest.timeline.events.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0, 60_000],
      [60_000, 120_000],
      [120_000, 150_000],
    ]);
    expect(manifest.participants).toMatchObject([{ participantId: 'ann', name: 'Ann' }]);
  });

  it('take a late event where it belongs and make the later snapshots anew', async () => {
    await fixture.say(joined('ann', 0, 'Ann'), joined('bob', 0, 'Bob'), chat(page, 0, 1000, 'a'));
    for (let minute = 1; minute < 5; minute++)
      await fixture.say(chat(page, minute, minute * 60_000 + 10, `m${minute}`));
    await fixture.writer.whenWritten();
    await fixture.say(chat(other, 0, 61_000, 'late'));
    await fixture.writer.whenWritten();

    const chunks = await fixture.eventsChunks();
    expect(chatTexts(chunks)).toEqual(['a', 'm1', 'late', 'm2', 'm3', 'm4']);
    const reducer = createReducer([counter]);
    let state: RoomState = reducer.initialState();
    for (const chunk of chunks) {
      expect(chunk.snapshot).toEqual(state);
      state = chunk.events.reduce((before, event) => reducer.apply(before, event), state);
    }
  });

  it("carry a plugin's state", async () => {
    const raised = { ...chat(page, 0, 50, ''), type: 'rushes.plugin.counter.raised.v1', data: {} };
    await fixture.say(raised, chat(page, 1, 61_000, 'x'));
    await fixture.writer.whenWritten();
    expect((await fixture.eventsChunks())[1]!.snapshot.plugins).toEqual({ counter: 1 });
  });
});

describe('dom chunks', () => {
  it('open with Meta and FullSnapshot, and are cut at full snapshots', async () => {
    await fixture.say(
      joined('ann', 0, 'Ann'),
      dom(page, 0, 100, 4, 'meta'),
      dom(page, 1, 101, 2, 'full'),
      dom(page, 2, 5000, 3, 'a'),
      dom(page, 3, 25_100, 4, 'meta'),
      dom(page, 4, 25_101, 2, 'full'),
      dom(page, 5, 26_000, 3, 'b'),
    );
    await fixture.writer.whenWritten();
    const chunks = await fixture.domChunks('ann');
    expect(chunks.map((chunk) => chunk.events.map(({ atMs, event }) => [atMs, event.type]))).toEqual([
      [
        [100, 4],
        [101, 2],
        [5000, 3],
      ],
      [
        [25_100, 4],
        [25_101, 2],
        [26_000, 3],
      ],
    ]);
    const manifest = await fixture.manifest();
    expect(manifest.perspectives).toEqual([
      { id: 'room', title: 'Room' },
      { id: 'dom:ann', title: 'As Ann saw it' },
    ]);
    expect(manifest.timeline.surfaces[0]!.chunks[0]).toMatchObject({ startMs: 100, endMs: 25_100 });
  });

  it('put what arrives late, and after a reload, with the page load it belongs to', async () => {
    await fixture.say(dom(page, 0, 100, 4, 'meta'), dom(page, 1, 101, 2, 'full'));
    await fixture.say(
      dom(laterPage, 0, 9000, 4, 'meta'),
      dom(laterPage, 1, 9001, 2, 'full'),
      dom(laterPage, 2, 9500, 3, 'new'),
    );
    await fixture.writer.whenWritten();
    await fixture.say(dom(page, 2, 8000, 3, 'old'), dom(page, 3, 8500, 3, 'older page'));
    await fixture.writer.whenWritten();
    const chunks = await fixture.domChunks('ann');
    expect(chunks.map((chunk) => chunk.events.map(({ event }) => (event.data as { mark: string }).mark))).toEqual([
      ['meta', 'full', 'old', 'older page'],
      ['meta', 'full', 'new'],
    ]);
  });

  it('hold the checkpoint while a Meta waits for its snapshot', async () => {
    await fixture.writer.whenWritten();
    const checkpoints = fixture.database.dataSource.getRepository(CheckpointEntity);
    const doneBefore = async () => (await checkpoints.findOneBy({ topic: topics.dom }))?.nextOffset ?? 0;
    const before = await doneBefore();
    await fixture.say(dom(page, 0, 100, 4, 'meta'));
    await fixture.writer.whenWritten();
    expect(await doneBefore()).toBe(before);
    await fixture.say(dom(page, 1, 101, 2, 'full'));
    await fixture.writer.whenWritten();
    expect(await doneBefore()).toBe(before + 2);
  });
});

describe('every event', () => {
  it('is stored once, however often it is delivered', async () => {
    const lines = [chat(page, 0, 10, 'a'), chat(page, 2, 20, 'c'), chat(page, 1, 15, 'b')];
    await fixture.say(...lines, ...lines, dom(page, 3, 30, 4, 'm'), dom(page, 4, 31, 2, 'f'), dom(page, 4, 31, 2, 'f'));
    await fixture.writer.whenWritten();
    await fixture.say(...lines);
    await fixture.writer.whenWritten();
    expect(chatTexts(await fixture.eventsChunks())).toEqual(['a', 'b', 'c']);
    expect((await fixture.domChunks('ann'))[0]!.events).toHaveLength(2);
  });

  it('is stored once when a process died before the row was written', async () => {
    await using folder = await temporaryFolder();
    const before = await RecordingFixture.start({ dataDir: folder.path });
    await before.say(chat(page, 0, 10, 'a'), dom(page, 1, 30, 4, 'm'), dom(page, 2, 31, 2, 'f'));
    await before.writer.whenWritten();
    const { recordingId } = before;
    await before.database.dataSource.getRepository(ChunkEntity).delete({ recordingId });
    await before.database.dataSource.getRepository(CheckpointEntity).clear();
    await before.application.close();

    const after = (await RecordingFixture.start({ dataDir: folder.path })).of(recordingId);
    await after.say(chat(page, 3, 40, 'b'), dom(page, 4, 50, 3, 'i'));
    await after.writer.whenWritten();
    expect(chatTexts(await after.eventsChunks())).toEqual(['a', 'b']);
    expect((await after.domChunks('ann'))[0]!.events).toHaveLength(3);
    await after.application.close();
  });

  it('of a recording that was deleted is dropped, and its objects do not come back', async () => {
    const { recordingId } = fixture;
    await fixture.database.dataSource.query('DELETE FROM recordings WHERE "recordingId" = $1', [recordingId]);
    await fixture.say(chat(page, 0, 10, 'a'));
    await fixture.writer.whenWritten();
    const objects = [];
    for await (const object of fixture.objects.list(recordingPrefix(recordingId))) objects.push(object);
    expect(objects).toEqual([]);
  });
});

describe('a recording', () => {
  it('is ready when it has ended and all its tracks are derived', async () => {
    const { recordingId } = fixture;
    const tracks = fixture.database.dataSource.getRepository(TrackEntity);
    await tracks.insert({
      trackId: 't1',
      recordingId,
      participantId: 'ann',
      kind: 'video',
      source: 'camera',
      codec: 'video/VP8',
      startMs: 5,
      endMs: 10,
      status: 'spooled',
      gaps: [],
    });
    await fixture.say(joined('ann', 0, 'Ann'));
    await fixture.end();
    await fixture.writer.whenWritten();
    expect((await fixture.manifest()).status).toBe('processing');
    await tracks.update({ trackId: 't1' }, { status: 'derived' });
    await fixture.writer.whenWritten();
    const manifest = await fixture.manifest();
    expect(manifest).toMatchObject({ status: 'ready', endReason: 'stopped', tracks: [{ trackId: 't1' }] });
    expect(manifest.durationMs).toEqual((await fixture.eventsChunks()).at(-1)!.events.at(-1)!.atMs);
  });

  it('takes events that were acknowledged late, after it was ready, no later than its end', async () => {
    await fixture.end();
    await fixture.writer.whenWritten();
    await fixture.say(chat(page, 0, 10_000_000, 'too late?'));
    await fixture.writer.whenWritten();
    const manifest = await fixture.manifest();
    expect(manifest.status).toBe('ready');
    const chunks = await fixture.eventsChunks();
    expect(chatTexts(chunks)).toEqual(['too late?']);
    expect(chunks.at(-1)!.events.every((event) => event.atMs <= manifest.durationMs)).toBe(true);
  });

  it('lists gaps of its surfaces, also after a restart', async () => {
    await using folder = await temporaryFolder();
    const before = await RecordingFixture.start({ dataDir: folder.path });
    const gap = { fromMs: 10, toMs: 90, reason: 'capture-lost' };
    const noted = { ...dom(page, 2, 90, 3, ''), type: 'rushes.dom.gap-noted.v1', data: { surface: 'ann', ...gap } };
    await before.say(dom(page, 0, 5, 4, 'm'), dom(page, 1, 6, 2, 'f'), noted);
    await before.writer.whenWritten();
    expect((await before.manifest()).timeline.surfaces[0]!.gaps).toEqual([gap]);
    await before.application.close();

    const after = (await RecordingFixture.start({ dataDir: folder.path })).of(before.recordingId);
    await after.say(dom(page, 3, 100, 3, 'x'));
    await after.writer.whenWritten();
    expect((await after.manifest()).timeline.surfaces[0]!.gaps).toEqual([gap]);
    await after.application.close();
  });
});

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'rushes-timeline-writer-'));
  await copyTemplate(path);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
