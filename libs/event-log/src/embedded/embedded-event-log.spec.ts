import type { Database } from '@rushes/database';
import { openTemporaryDatabase } from '@rushes/database/testing';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { Collector } from '../contract/collector.ts';
import { testEventLog } from '../contract/index.ts';
import { sampleEvents } from '../contract/sample-events.ts';
import { topics } from '../event-log.ts';
import { EmbeddedEventLog } from './embedded-event-log.ts';

let database: Database;
beforeAll(async () => {
  database = await openTemporaryDatabase();
}, 60_000);
beforeEach(async () => {
  await database.pool.query('TRUNCATE event_log, event_log_heads, checkpoints');
});
afterAll(async () => {
  await database.close();
});

testEventLog('EmbeddedEventLog', async () => ({
  open: async () => new EmbeddedEventLog(database, { firstRetryMs: 1, onFailure: () => undefined }),
  dispose: async () => undefined,
}));

it('shares commits between appends that are made at the same time', async () => {
  const log = new EmbeddedEventLog(database);
  const query = vi.spyOn(database.pool, 'query');
  await Promise.all(sampleEvents(1_000).map((event) => log.append(topics.events, [event])));
  expect(query.mock.calls.length).toBeLessThan(10);
  query.mockRestore();
  await log.close();
});

it('rejects only the append whose event is no JSON', async () => {
  const log = new EmbeddedEventLog(database);
  const [good, bad] = sampleEvents(2);
  const outcomes = await Promise.allSettled([
    log.append(topics.events, [good!]),
    log.append(topics.events, [{ ...bad!, data: 1n }]),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected']);
  await log.close();
});

it('reports each failed delivery with the pause before the next', async () => {
  const failures: number[] = [];
  const log = new EmbeddedEventLog(database, {
    firstRetryMs: 1,
    maxRetryMs: 4,
    onFailure: ({ retryInMs }) => failures.push(retryInMs),
  });
  const subscription = await log.subscribe({
    group: 'g',
    topics: [topics.events],
    onRecords: async () => {
      if (failures.length < 4) throw new Error('Not yet, says the test');
    },
  });
  await log.append(topics.events, sampleEvents(1));
  await subscription.whenCaughtUp();
  expect(failures).toEqual([1, 2, 4, 4]);
  await log.close();
});

it('finds what another process appended to the same database', async () => {
  const [writer, reader] = [new EmbeddedEventLog(database), new EmbeddedEventLog(database, { pollMs: 10 })];
  const collector = new Collector();
  await reader.subscribe({ group: 'g', topics: [topics.events], onRecords: collector.onRecords });
  await writer.append(topics.events, sampleEvents(2));
  await collector.whenHolding(2);
  expect(collector.seqs).toEqual([0, 1]);
  await Promise.all([writer.close(), reader.close()]);
});

it('reads on behind a hole that is wider than a batch', async () => {
  const log = new EmbeddedEventLog(database, { maxRecords: 2 });
  await log.append(topics.dom, sampleEvents(20));
  await database.pool.query(`DELETE FROM event_log WHERE "offset" BETWEEN 3 AND 15`);
  const collector = new Collector();
  const subscription = await log.subscribe({ group: 'g', topics: [topics.dom], onRecords: collector.onRecords });
  await subscription.whenCaughtUp();
  expect(collector.seqs).toEqual([0, 1, 2, 16, 17, 18, 19]);
  await log.close();
});

it('prunes a topic by age, goes on past the hole and never gives an offset twice', async () => {
  const log = new EmbeddedEventLog(database);
  await log.append(topics.dom, sampleEvents(5));
  await log.append(topics.events, sampleEvents(5));
  await database.pool.query(`UPDATE event_log SET "appendedAt" = now() - interval '1 hour' WHERE "offset" < 3`);
  expect(await log.prune(topics.dom, 60_000)).toBe(3);
  const collector = new Collector();
  const subscription = await log.subscribe({
    group: 'g',
    topics: [topics.dom, topics.events],
    onRecords: collector.onRecords,
  });
  await subscription.whenCaughtUp();
  expect(collector.records.filter(({ topic }) => topic === topics.dom).map(({ offset }) => offset)).toEqual([3, 4]);
  expect(collector.records.filter(({ topic }) => topic === topics.events)).toHaveLength(5);

  await log.prune(topics.dom, -60_000);
  await log.append(topics.dom, sampleEvents(1, { from: 5 }));
  await subscription.whenCaughtUp();
  expect(collector.records.at(-1)!.offset).toBe(5);
  await log.close();
});

it('deletes by itself what is older than its topic is to keep', async () => {
  const log = new EmbeddedEventLog(database, { retentionMs: { [topics.dom]: 60_000 }, pruneEveryMs: 5 });
  await log.append(topics.events, sampleEvents(3));
  await log.append(topics.dom, sampleEvents(3));
  await database.pool.query(`UPDATE event_log SET "appendedAt" = now() - interval '1 hour' WHERE "offset" < 2`);
  const counts = () =>
    database.pool.query<{ topic: string; count: number }>(
      `SELECT "topic", count(*)::int AS count FROM event_log GROUP BY "topic" ORDER BY "topic"`,
    );
  await expect
    .poll(async () => (await counts()).rows)
    .toEqual([
      { topic: topics.dom, count: 1 },
      { topic: topics.events, count: 3 },
    ]);
  await log.close();
});
