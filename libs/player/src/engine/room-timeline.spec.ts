import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReducer, decodeChunk, type ChunkRef } from '@rushes/timeline';
import { whiteboardPlugin } from '@rushes/whiteboard';
import { writeSyntheticRecording, type SyntheticRecording } from '../../../../test/fixtures/synthetic-recording.ts';
import type { RecordingSource } from '../types.ts';
import { RoomTimeline } from './room-timeline.ts';

const plugins = [whiteboardPlugin];
let folder: string;
let recording: SyntheticRecording;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-timeline-'));
  recording = await writeSyntheticRecording(folder, { participants: 4, plugins, media: false, durationMs: 60_000 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The recording in the folder, counting what is read. */
function countingSource(): RecordingSource & { loaded: string[] } {
  const loaded: string[] = [];
  return {
    loaded,
    loadManifest: async () => recording.manifest,
    urlOf: (key) => key,
    async loadChunk(ref: ChunkRef) {
      loaded.push(ref.key);
      return decodeChunk(await readFile(join(folder, ref.key)));
    },
  };
}

function timelineOf(source: RecordingSource): RoomTimeline {
  const timeline = new RoomTimeline({ source, plugins });
  timeline.setChunks(recording.manifest.timeline.events);
  return timeline;
}

/** The state as it is by definition: every event at or before the instant, from the beginning. */
function replayed(atMs: number) {
  const reducer = createReducer(plugins);
  const past = recording.events.filter((event) => event.atMs <= atMs);
  const state = past.reduce((before, event) => reducer.apply(before, event), reducer.initialState());
  return reducer.settle(state, atMs);
}

describe('the room’s state', () => {
  it('is the same at every instant, forwards and backwards, as if all events had been replayed', async () => {
    const timeline = timelineOf(countingSource());
    const instants = [0, 1, 137, 1999, 2000, 4999, 5000, 5001, 9999.5, 12_000, 30_000, 60_000];
    for (const atMs of [...instants, ...instants.toReversed()]) {
      await timeline.prepare(atMs);
      expect(timeline.stateAt(atMs), `at ${atMs}`).toEqual(replayed(atMs));
    }
  });

  it('changes at an event’s own millisecond', async () => {
    const timeline = timelineOf(countingSource());
    await timeline.prepare(2000);
    expect(timeline.stateAt(1999.9)?.chat).toHaveLength(0);
    expect(timeline.stateAt(2000)?.chat).toHaveLength(1);
  });

  it('lets reactions and captions go when their time is over, without an event', async () => {
    const timeline = timelineOf(countingSource());
    await timeline.prepare(14_999);
    expect(timeline.stateAt(14_999)?.reactions).toHaveLength(1);
    await timeline.prepare(15_000);
    expect(timeline.stateAt(15_000)?.reactions).toHaveLength(0);
  });

  it('is undefined until the chunk is there', async () => {
    const timeline = timelineOf(countingSource());
    expect(timeline.stateAt(31_000)).toBeUndefined();
    await timeline.prepare(31_000);
    expect(timeline.stateAt(31_000)).toBeDefined();
  });

  it('costs one chunk wherever one seeks', async () => {
    const source = countingSource();
    const timeline = timelineOf(source);
    for (const atMs of [58_000, 3000, 42_000]) {
      source.loaded.length = 0;
      await timeline.prepare(atMs);
      expect(timeline.stateAt(atMs)).toEqual(replayed(atMs));
      expect(source.loaded).toHaveLength(1);
    }
  });

  it('loads the following chunk beforehand', async () => {
    const source = countingSource();
    const timeline = timelineOf(source);
    await timeline.prepare(1000);
    timeline.prefetchAfter(1000);
    await timeline.prepare(6000);
    expect(source.loaded).toEqual(['timeline/events/0000000000.ndjson.gz', 'timeline/events/0000005000.ndjson.gz']);
  });
});
