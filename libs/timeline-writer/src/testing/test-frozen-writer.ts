import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '@rushes/database';
import type { ObjectStore } from '@rushes/object-store';
import { newId } from '@rushes/platform';
import {
  createEventParser,
  createReducer,
  decodeChunk,
  manifestSchema,
  objectKeys,
  recordingPrefix,
  wrapEvent,
  type EventEnvelope,
} from '@rushes/timeline';
import { RecordingWriter } from '../recording-writer.ts';
import { PausedStore } from './paused-store.ts';
import { chat, dom, type SaidEvent } from './recording-fixture.ts';

const page = 'participants/ann/page';

/** Declares what must hold of a writer that is frozen in the middle of a write while another takes its place. */
export function testFrozenWriter(
  name: string,
  open: () => Promise<{ database: Database; objectStore: ObjectStore; dispose(): Promise<void> }>,
): void {
  describe(`A writer that was frozen, on ${name}`, { timeout: 30_000 }, () => {
    let place: Awaited<ReturnType<typeof open>>;
    let frozenStore: PausedStore;
    let recordingId: string;
    beforeEach(async () => {
      place = await open();
      frozenStore = new PausedStore(place.objectStore);
      recordingId = newId();
      await place.database.pool.query(
        `INSERT INTO recordings ("recordingId", "roomId", "status", "recordedAt") VALUES ($1, 'room', 'recording', 0)`,
        [recordingId],
      );
    });
    afterEach(() => place.dispose());

    const openWriter = async (objectStore: ObjectStore) => {
      const { database } = place;
      const parts = { database, objectStore, reducer: createReducer(), parser: createEventParser() };
      return (await RecordingWriter.open(recordingId, parts))!;
    };
    const envelope = ({ source, seq, ...event }: SaidEvent): EventEnvelope =>
      wrapEvent(event, { recordingId, source, seq, nowMs: 1_000_000 });
    const takeAll = async (writer: RecordingWriter, events: readonly SaidEvent[]) => {
      for (const event of events) await writer.take(envelope(event));
    };
    const read = async (key: string) => place.objectStore.read(recordingPrefix(recordingId) + key);
    const stored = async () => {
      const manifest = manifestSchema.parse(JSON.parse(Buffer.from(await read(objectKeys.manifest)).toString()));
      const refs = [...manifest.timeline.events, ...manifest.timeline.surfaces.flatMap(({ chunks }) => chunks)];
      const chunks = await Promise.all(refs.map(async ({ key }) => decodeChunk(await read(key))));
      const counts = refs.map(({ eventCount }) => eventCount);
      expect(chunks.map(({ events }) => events.length)).toEqual(counts);
      return {
        lines: chunks.flatMap((chunk) =>
          chunk.kind === 'events'
            ? chunk.events.map(({ data }) => (data as { text: string }).text)
            : chunk.events.map(({ event }) => (event.data as { mark: string }).mark),
        ),
        status: manifest.status,
      };
    };

    const first = [chat(page, 0, 10, 'a'), dom(page, 1, 20, 4, 'meta'), dom(page, 2, 21, 2, 'full')];
    const second = [chat(page, 3, 30, 'b'), dom(page, 4, 40, 3, 'x')];
    const third = [chat(page, 5, 50, 'c'), dom(page, 6, 60, 3, 'y')];
    const everything = ['a', 'b', 'c', 'meta', 'full', 'x', 'y'];

    it.each([
      ["an events' chunk", (key: string) => key.includes('/timeline/events/')],
      ["a surface's chunk", (key: string) => key.includes('/timeline/dom/')],
      ['the manifest', (key: string) => key.endsWith(objectKeys.manifest)],
    ])('as it wrote %s changes nothing that its successor has written', async (_, isMeant) => {
      const frozen = await openWriter(frozenStore);
      await takeAll(frozen, first);
      await frozen.flush();
      await takeAll(frozen, second);
      frozenStore.pauseAt(isMeant);
      const flushing = frozen.flush();
      await frozenStore.whenPaused();

      const successor = await openWriter(place.objectStore);
      // From the checkpoint on, which the frozen one had not moved.
      await takeAll(successor, [...second, ...third]);
      await successor.flush();
      frozenStore.release();
      await expect(flushing).rejects.toMatchObject({ code: 'stale-writer' });
      expect((await stored()).lines).toEqual(everything);

      await successor.finish();
      expect(await stored()).toEqual({ lines: everything, status: 'ready' });
      const next = await openWriter(place.objectStore);
      expect(await next.take(envelope(second[0]!))).toBe('duplicate');
    });

    it('and goes on before its successor writes has its events stored once', async () => {
      const frozen = await openWriter(frozenStore);
      await takeAll(frozen, first);
      await frozen.flush();
      await takeAll(frozen, second);
      frozenStore.pauseAt((key) => key.includes('/timeline/dom/'));
      const flushing = frozen.flush();
      await frozenStore.whenPaused();
      const successor = await openWriter(place.objectStore);
      frozenStore.release();
      await expect(flushing).rejects.toMatchObject({ code: 'stale-writer' });
      // The object in the store holds them, its row does not.
      await takeAll(successor, [...second, ...third]);
      await successor.flush();
      expect((await stored()).lines).toEqual(everything);
    });

    it('and one of an earlier version, whose chunks name no writer, have left what the next goes on with', async () => {
      const writer = await openWriter(place.objectStore);
      await takeAll(writer, first);
      await writer.flush();
      const { pool } = place.database;
      const { rows } = await pool.query<{ key: string }>('SELECT "key" FROM chunks WHERE "recordingId" = $1', [
        recordingId,
      ]);
      for (const { key } of rows) {
        const earlier = key.replace('-1.ndjson', '.ndjson');
        await place.objectStore.put(recordingPrefix(recordingId) + earlier, await read(key));
        await pool.query('UPDATE chunks SET "key" = $1 WHERE "recordingId" = $2 AND "key" = $3', [
          earlier,
          recordingId,
          key,
        ]);
      }
      const next = await openWriter(place.objectStore);
      await takeAll(next, [...first, ...second, ...third]);
      await next.flush();
      await next.finish();
      expect(await stored()).toEqual({ lines: everything, status: 'ready' });
    });

    it('has a write that it thought lost replace nothing when it arrives late', async () => {
      const writer = await openWriter(frozenStore);
      await takeAll(writer, first);
      frozenStore.loseAt((key) => key.includes('/timeline/events/'));
      await expect(writer.flush()).rejects.toThrow('lost on its way');
      await takeAll(writer, [...second, ...third]);
      await writer.flush();
      await frozenStore.arrive();
      expect((await stored()).lines).toEqual(everything);
    });
  });
}
