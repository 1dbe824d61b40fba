import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventLog, topics, type LogRecord, type Topic } from '@rushes/event-log';
import { newId } from '../ids/new-id.ts';
import { startTestApplication, type TestApplication } from '../testing/index.ts';
import { EventPublishers } from './event-publishers.ts';

let app: TestApplication;
beforeAll(async () => {
  app = await startTestApplication([]);
}, 60_000);
afterAll(() => app.close());

async function read(topic: Topic): Promise<LogRecord[]> {
  const read: LogRecord[] = [];
  const subscription = await app.app.get(EventLog).subscribe({
    group: newId(),
    topics: [topic],
    onRecords: async (records) => void read.push(...records),
  });
  await subscription.whenCaughtUp();
  await subscription.close();
  return read;
}

describe('EventPublisher', () => {
  it('numbers its events in the order of the calls, also when nobody waits, and rounds their time', async () => {
    const publisher = app.app.get(EventPublishers).create('rooms');
    expect(publisher.source).toMatch(/^services\/rooms\/[a-z0-9]{20}$/);
    const labels = Array.from({ length: 20 }, (_, n) => `m${n}`);
    await Promise.all(
      labels.map((label, n) =>
        publisher.publish('r1', { type: 'rushes.recording.marked.v1', atMs: n - 0.4, data: { label } }),
      ),
    );
    const events = (await read(topics.events))
      .map(({ event }) => event)
      .filter((event) => event.source === publisher.source);
    expect(events.map((event) => [event.seq, event.atms, (event.data as { label: string }).label])).toEqual(
      labels.map((label, n) => [n, n, label]),
    );
  });

  it('puts DOM events into their own topic', async () => {
    const publisher = app.app.get(EventPublishers).create('gateway');
    const data = { surface: 's1', fromMs: 0, toMs: 5, reason: 'capture-lost' };
    await publisher.publish('r2', { type: 'rushes.dom.gap-noted.v1', atMs: 5, participantId: 'p1', data });
    expect((await read(topics.dom)).map(({ event }) => [event.recordingid, event.participantid, event.data])).toEqual([
      ['r2', 'p1', data],
    ]);
  });

  it('appends nothing that the catalogue does not know', async () => {
    const publisher = app.app.get(EventPublishers).create('rooms');
    const publish = publisher.publish('r3', { type: 'rushes.recording.marked.v1', atMs: 0, data: { label: '' } });
    await expect(publish).rejects.toMatchObject({ code: 'event-invalid' });
    expect((await read(topics.events)).some(({ event }) => event.recordingid === 'r3')).toBe(false);
  });
});
