import { Database } from '@rushes/database';
import { ObjectStore } from '@rushes/object-store';
import { createEventParser, createReducer, wrapEvent } from '@rushes/timeline';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { chat, chatTexts, RecordingFixture, type SaidEvent } from '../testing/recording-fixture.ts';
import { OpenWriters } from './open-writers.ts';

let shared: RecordingFixture;
let fixture: RecordingFixture;
let writers: OpenWriters;
beforeAll(async () => {
  shared = await RecordingFixture.start();
});
beforeEach(async () => {
  fixture = await shared.another();
  // The application's own writer has had its turn.
  await fixture.writer.whenWritten();
  const { app } = fixture.application;
  const [database, objectStore] = [app.get(Database), app.get<ObjectStore>(ObjectStore)];
  writers = new OpenWriters({ database, objectStore, reducer: createReducer([]), parser: createEventParser([]) });
});
afterAll(() => shared.application.close());

const envelope = ({ source, seq, ...event }: SaidEvent) =>
  wrapEvent(event, { recordingId: fixture.recordingId, source, seq, nowMs: 1_000_000 });

it('completes no recording while something that was taken is not written', async () => {
  const writer = (await writers.of(fixture.recordingId))!;
  await writer.flush();
  await writer.take(envelope(chat('participants/ann/page1', 0, 10, 'late')));
  expect(await writer.finish()).toBe(false);
  expect(writers.heldBytes).toBeGreaterThan(10);
  await writer.flush();
  expect(writers.heldBytes).toBe(0);
  expect(await writer.finish()).toBe(true);
  expect(chatTexts(await fixture.eventsChunks())).toEqual(['late']);
});

it('forgets with its partitions also what was opened to be completed', async () => {
  await writers.of(fixture.recordingId);
  writers.forgetFrom([{ topic: 'rushes.events.v1', partition: 3 }]);
  expect(writers.all()).toEqual([]);
});

it('keeps what came from other partitions', async () => {
  await writers.of(fixture.recordingId);
  writers.cameFrom(fixture.recordingId, { topic: 'rushes.events.v1', partition: 2 });
  writers.forgetFrom([{ topic: 'rushes.events.v1', partition: 3 }]);
  expect(writers.all()).toHaveLength(1);
  writers.forgetFrom([{ topic: 'rushes.events.v1', partition: 2 }]);
  expect(writers.all()).toEqual([]);
});
