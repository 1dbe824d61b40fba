import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openTemporaryDatabase } from '@rushes/database/testing';
import { FilesystemObjectStore } from '@rushes/object-store/filesystem';
import { objectKeys } from '@rushes/timeline';
import { chat, chatTexts, RecordingFixture } from './testing/recording-fixture.ts';
import { testFrozenWriter } from './testing/test-frozen-writer.ts';

testFrozenWriter('PGlite and a folder', async () => {
  const database = await openTemporaryDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'rushes-frozen-'));
  return {
    database,
    objectStore: new FilesystemObjectStore(folder),
    async dispose() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

it('a timeline writer that finds another has written goes on from there, with what it holds', async () => {
  const fixture = await RecordingFixture.start();
  const page = 'participants/ann/page';
  await fixture.say(chat(page, 0, 10, 'a'));
  await fixture.writer.whenWritten();
  await fixture.database.pool.query(`UPDATE recordings SET "timelineEpoch" = "timelineEpoch" + 1`);
  await fixture.say(chat(page, 1, 20, 'b'));
  // Takes it, is refused, and opens the recording again.
  await fixture.writer.whenWritten();
  await fixture.writer.whenWritten();
  expect(chatTexts(await fixture.eventsChunks())).toEqual(['a', 'b']);
  const { timeline } = await fixture.manifest();
  expect(timeline.events.map(({ key }) => key)).toEqual([objectKeys.eventsChunk(0, 3)]);
  await fixture.application.close();
});
