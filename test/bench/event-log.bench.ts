import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { openTemporaryDatabase } from '@rushes/database/testing';
import { topics } from '@rushes/event-log';
import { EmbeddedEventLog } from '@rushes/event-log/embedded';
import { wrapEvent, type EventEnvelope } from '@rushes/timeline';
import { report } from './table.ts';

/**
 * Acknowledged events a second on the embedded event log, one event an append as from a busy gateway, beside bare PGlite
 * storing the same bytes: a row a statement, and 200 rows a statement (what group commit could reach at best).
 */
const eventCount = 10_000;
const writers = 64;
const rowsAtOnce = 200;

const events: EventEnvelope[] = Array.from({ length: eventCount }, (_, seq) =>
  wrapEvent(
    { type: 'rushes.chat.message-sent.v1', atMs: seq, participantId: 'ada', data: { text: `${seq} `.repeat(100) } },
    { recordingId: `rec-${seq % 8}`, source: 'participants/ada/1', seq, nowMs: 1_790_000_000_000 + seq },
  ),
);
const rows = events.map((event) => JSON.stringify(event));

const perSecond = async (work: () => Promise<void>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return eventCount / ((performance.now() - startedAt) / 1000);
};

const database = await openTemporaryDatabase();
const log = new EmbeddedEventLog(database);
const ours = await perSecond(async () => {
  let next = 0;
  const write = async () => {
    for (let event = events[next++]; event; event = events[next++]) await log.append(topics.events, [event]);
  };
  await Promise.all(Array.from({ length: writers }, write));
});
const delivered = await perSecond(async () => {
  const subscription = await log.subscribe({
    group: 'bench',
    topics: [topics.events],
    onRecords: async () => undefined,
  });
  await subscription.whenCaughtUp();
});
await log.close();
await database.close();

const folder = await mkdtemp(join(tmpdir(), 'rushes-bench-'));
const pglite = await PGlite.create({ dataDir: folder });
await pglite.exec(
  'CREATE TABLE single (id bigserial PRIMARY KEY, event text); CREATE TABLE grouped (LIKE single INCLUDING ALL)',
);
const single = await perSecond(async () => {
  for (const row of rows) await pglite.query('INSERT INTO single (event) VALUES ($1)', [row]);
});
const grouped = await perSecond(async () => {
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    await pglite.query('INSERT INTO grouped (event) SELECT unnest($1::text[])', [
      rows.slice(start, start + rowsAtOnce),
    ]);
  }
});
const read = await perSecond(async () => {
  for (let start = 0; start < rows.length; start += 500) {
    const page = await pglite.query<{ event: string }>('SELECT event FROM single WHERE id > $1 ORDER BY id LIMIT 500', [
      start,
    ]);
    for (const { event } of page.rows) JSON.parse(event);
  }
});
await pglite.close();
await rm(folder, { recursive: true });

const what = `event log, appends acknowledged, ${writers} writers`;
report({ what, ours, against: 500, unit: 'events/s', better: 'higher' });
report({ what, ours, against: single, unit: 'events/s', better: 'higher', peer: 'PGlite' });
report({ what, ours, against: grouped, unit: 'events/s', better: 'higher', peer: `PGlite × ${rowsAtOnce}` });
report({
  what: 'event log, events delivered',
  ours: delivered,
  against: read,
  unit: 'events/s',
  better: 'higher',
  peer: 'PGlite',
});
