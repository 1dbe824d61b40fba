import { createHash } from 'node:crypto';
import { topics, type LogRecord } from '@rushes/event-log';
import { ObjectStoreError } from '@rushes/object-store';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { chat, chatTexts, dom, RecordingFixture } from './testing/recording-fixture.ts';

const page = 'participants/ann/page1';
const other = 'participants/bob/page1';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
let shared: RecordingFixture;
let fixture: RecordingFixture;
beforeAll(async () => {
  shared = await RecordingFixture.start();
});
beforeEach(async () => {
  fixture = await shared.another();
});
afterAll(() => shared.application.close());

describe('an event', () => {
  it('that nobody can take goes to the dead letters with the reason, and the next one is taken', async () => {
    const wrong = { ...chat(page, 0, 10, 'x'), data: { text: 5 } };
    const unknown = { ...chat(page, 1, 10, 'x'), type: 'rushes.unheard.of.v1' };
    const sha256 = '0'.repeat(64);
    const claim = { key: `timeline/claims/${sha256}`, sizeBytes: 1, sha256 };
    const lost = { ...dom(page, 2, 10, 3, ''), data: { surface: 'ann', claim, rrwebType: 2 } };
    await fixture.say(wrong, unknown, lost, dom(page, 3, 10, 3, 'no snapshot'), chat(page, 4, 20, 'fine'));
    await fixture.writer.whenWritten();
    expect(chatTexts(await fixture.eventsChunks())).toEqual(['fine']);

    expect(await deadLetters()).toEqual(['claim-missing', 'event-invalid', 'event-invalid', 'no-snapshot']);
  });

  it('waits while the object store refuses, and what was set aside before it is set aside once', async () => {
    const snapshot = Buffer.from(JSON.stringify({ type: 2, timestamp: 0, data: { mark: 'full' } }));
    const sha256 = createHash('sha256').update(snapshot).digest('hex');
    await fixture.objects.put(recordingPrefix(fixture.recordingId) + objectKeys.claim(sha256), snapshot);
    const claim = { key: objectKeys.claim(sha256), sizeBytes: snapshot.length, sha256 };
    const claimed = { ...dom(page, 1, 10, 2, ''), data: { surface: 'ann', claim, rrwebType: 2 } };
    const expired = new ObjectStoreError('access-denied', 'the key has expired');
    const read = vi.spyOn(fixture.objects, 'read').mockRejectedValue(expired);
    await fixture.say({ ...dom(page, 0, 10, 2, ''), data: { text: 5 } }, claimed, dom(page, 2, 20, 3, 'after'));
    await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThan(6), 30_000);
    read.mockRestore();
    await fixture.writer.whenWritten();
    expect(await deadLetters()).toEqual(['event-invalid']);
    expect((await fixture.domChunks('ann'))[0]!.events).toHaveLength(3);
  });

  /** Codes of this recording's. */
  async function deadLetters(): Promise<string[]> {
    const letters: LogRecord[] = [];
    const subscription = await fixture.log.subscribe({
      group: `spec-${fixture.recordingId}`,
      topics: [topics.deadLetters],
      onRecords: async (records) => void letters.push(...records),
    });
    await subscription.whenCaughtUp();
    await subscription.close();
    const own = letters.filter(({ event }) => event.recordingid === fixture.recordingId);
    return own.map(({ event }) => (event.data as { code: string }).code).sort();
  }

  it('that belongs to a damaged chunk is set aside, and others go on', async () => {
    for (let minute = 0; minute < 5; minute++) await fixture.say(chat(page, minute, minute * 60_000, `m${minute}`));
    await fixture.writer.whenWritten();
    const key = `${recordingPrefix(fixture.recordingId)}${objectKeys.eventsChunk(60_000, 1)}`;
    await fixture.objects.put(key, new TextEncoder().encode('nonsense'));
    const next = await fixture.another();
    await fixture.say(chat(other, 0, 61_000, 'late'), chat(page, 5, 241_000, 'fine'));
    await next.say(chat(page, 0, 10, 'another recording'));
    await fixture.writer.whenWritten();
    expect((await fixture.manifest()).timeline.events.at(-1)).toMatchObject({ eventCount: 2 });
    expect(chatTexts(await next.eventsChunks())).toEqual(['another recording']);
  });
});
