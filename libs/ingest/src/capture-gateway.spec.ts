import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { EventLog, topics, type LogRecord, type Topic } from '@rushes/event-log';
import { ObjectStore, resolveData } from '@rushes/object-store';
import { Metrics, newId, RecordingLifecycle, TokenService } from '@rushes/platform';
import { startTestApplication, type TestApplication } from '@rushes/platform/testing';
import type { CaptureReply, CapturedEvent, EventEnvelope } from '@rushes/timeline';
import { IngestModule } from './ingest.module.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let application: TestApplication;
let recordingId: string;
let source: string;

beforeAll(async () => {
  const limits = { eventsPerSecond: 50, burstEvents: 100, maxEventBytes: 400_000, maxBatchBytes: 2_000_000 };
  application = await startTestApplication([IngestModule.forRoot({ limits })]);
});
beforeEach(async () => {
  const lifecycle = application.app.get(RecordingLifecycle);
  ({ recordingId } = await lifecycle.start({ roomId: newId(), holderId: lifecycle.holderId }));
  source = `participants/ann/${newId()}`;
});
afterAll(() => application.close());

/** A page's end of the protocol, without the SDK's manners. */
class RawPage {
  readonly #replies: CaptureReply[] = [];
  readonly #waiting: ((reply: CaptureReply) => void)[] = [];
  readonly closed: Promise<number>;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      const reply = JSON.parse(data.toString()) as CaptureReply;
      const next = this.#waiting.shift();
      if (next) next(reply);
      else this.#replies.push(reply);
    });
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  static async open(token?: string): Promise<RawPage> {
    const url = new URL('/v1/capture', application.url.replace('http', 'ws'));
    url.searchParams.set('token', token ?? (await issue()));
    const page = new RawPage(new WebSocket(url));
    await new Promise((resolve) => page.socket.once('open', resolve));
    return page;
  }

  static async welcome(): Promise<RawPage> {
    const page = await RawPage.open();
    expect(await page.ask({ kind: 'hello', protocol: 1, source })).toMatchObject({
      kind: 'welcome',
      recordingId,
      participantId: 'ann',
    });
    return page;
  }

  ask(message: unknown): Promise<CaptureReply> {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    return this.reply();
  }

  send(...events: CapturedEvent[]): Promise<CaptureReply> {
    return this.ask({ kind: 'batch', batchId: 7, source, events });
  }

  async reply(): Promise<CaptureReply> {
    return this.#replies.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function issue(participantId = 'ann', seconds = 60): Promise<string> {
  return application.app.get(TokenService).issue({ scope: 'capture', recordingId, participantId }, seconds);
}

function chat(seq: number, text = 'hi', atMs = 0): CapturedEvent {
  return { seq, type: 'rushes.chat.message-sent.v1', atMs, data: { messageId: `m${seq}`, text } };
}

function dom(seq: number, event: unknown, surface = 'ann'): CapturedEvent {
  return { seq, type: 'rushes.dom.recorded.v1', atMs: 0, data: { surface, event } };
}

/** What the log holds of this recording. */
async function logged(topic: Topic): Promise<EventEnvelope[]> {
  const records: LogRecord[] = [];
  const subscription = await application.app.get(EventLog).subscribe({
    group: newId(),
    topics: [topic],
    onRecords: async (batch) => void records.push(...batch),
  });
  await subscription.whenCaughtUp();
  await subscription.close();
  return records
    .map(({ event }) => event)
    .filter((event) => event.recordingid === recordingId && event.participantid === 'ann');
}

describe('a batch', () => {
  it('is acknowledged when it is in the log, with the sender of the token and a possible time', async () => {
    const page = await RawPage.welcome();
    expect(await page.send(chat(0, 'past', -5), chat(1, 'future', 10_000_000))).toEqual({ kind: 'ack', batchId: 7 });
    const events = await logged(topics.events);
    expect(events.map(({ seq, participantid, source: from }) => [seq, participantid, from])).toEqual([
      [0, 'ann', source],
      [1, 'ann', source],
    ]);
    expect(events[0]!.atms).toBe(0);
    expect(events[1]!.atms).toBeLessThan(60_000);
  });

  it('that is sent again is acknowledged and not stored again', async () => {
    const page = await RawPage.welcome();
    await page.send(chat(0), chat(1));
    const again = await RawPage.welcome();
    expect(await again.send(chat(0), chat(1), chat(2))).toMatchObject({ kind: 'ack' });
    expect((await logged(topics.events)).map((event) => event.seq)).toEqual([0, 1, 2]);
  });

  it('may come after the recording has ended, and is put at its end', async () => {
    const row = await application.app.get(RecordingLifecycle).end(recordingId, 'stopped');
    const page = await RawPage.welcome();
    expect(await page.send(chat(0, 'late', 9_999_999))).toMatchObject({ kind: 'ack' });
    expect((await logged(topics.events))[0]!.atms).toBe(row!.endedAtMs);
  });

  it('may hold events of a plugin that the gateway does not know', async () => {
    const page = await RawPage.welcome();
    const drawn = { seq: 0, type: 'rushes.plugin.sketch.drawn.v1', atMs: 0, data: { free: ['form'] } };
    expect(await page.send(drawn)).toMatchObject({ kind: 'ack' });
    expect(await page.send({ ...drawn, seq: 1, data: 'x'.repeat(70_000) })).toMatchObject({ kind: 'nack', seq: 1 });
  });
});

describe('a recorded page', () => {
  it('is stored harmless, and what is over 256 KB as a claim', async () => {
    const page = await RawPage.welcome();
    const script = { type: 2, id: 3, tagName: 'script', attributes: { src: 'https://evil.example' }, childNodes: [] };
    const image = { type: 2, id: 4, tagName: 'img', attributes: { onerror: 'alert(1)', alt: 'x' }, childNodes: [] };
    const filler = { type: 3, id: 5, textContent: 'x'.repeat(300_000) };
    const full = (...childNodes: unknown[]) => ({
      type: 2,
      timestamp: 0,
      data: { node: { type: 0, id: 1, childNodes } },
    });
    const canvas = { type: 3, timestamp: 0, data: { source: 9 } };
    expect(await page.send(dom(0, full(script, image)), dom(1, canvas), dom(2, full(filler)))).toMatchObject({
      kind: 'ack',
    });
    const [small, large, ...rest] = await logged(topics.dom);
    expect(rest).toEqual([]);
    expect(JSON.stringify(small!.data)).not.toMatch(/evil|alert|script/);
    expect(large!.data).toBeUndefined();
    expect(large!.dataref).toMatch(new RegExp(`^recordings/${recordingId}/timeline/claims/[0-9a-f]{64}$`));
    const resolved = await resolveData(application.app.get(ObjectStore), large!);
    expect(JSON.stringify(resolved.data)).toContain('x'.repeat(300_000));
  });

  it("may not be another participant's", async () => {
    const page = await RawPage.welcome();
    expect(await page.send(dom(0, { type: 4, timestamp: 0, data: {} }, 'bob'))).toMatchObject({
      code: 'malformed',
      seq: 0,
    });
    expect(await page.send(dom(0, { type: 4, timestamp: 0, data: {} }, 'ann-second'))).toMatchObject({ kind: 'ack' });
  });
});

describe('a refusal', () => {
  it.each<[string, (page: RawPage) => Promise<CaptureReply>, object]>([
    ['no JSON', (page) => page.ask('{'), { code: 'malformed', batchId: -1 }],
    ['an unknown kind', (page) => page.ask({ kind: 'x' }), { code: 'malformed' }],
    ['a wrong field', (page) => page.send(chat(3, '')), { code: 'malformed', seq: 3, batchId: 7, retriable: false }],
    ['an unknown type', (page) => page.send({ ...chat(4), type: 'rushes.a.b.v1' }), { code: 'malformed', seq: 4 }],
    [
      "a service's type",
      (page) => page.send({ ...chat(5), type: 'rushes.recording.ended.v1' }),
      { code: 'malformed', seq: 5 },
    ],
    [
      'a claim',
      (page) =>
        page.send({
          ...dom(6, undefined),
          data: { surface: 'ann', claim: { key: 'a', sizeBytes: 1, sha256: '0'.repeat(64) } },
        }),
      { code: 'malformed' },
    ],
    ['numbers that do not rise', (page) => page.send(chat(8), chat(8)), { code: 'malformed', seq: 8 }],
    ['bottomless nesting', (page) => page.ask('['.repeat(100_000)), { code: 'malformed' }],
    [
      'an event that is too large',
      (page) => page.send(dom(9, { type: 3, timestamp: 0, data: 'x'.repeat(500_000) })),
      { code: 'too-large', seq: 9 },
    ],
    [
      "another's source",
      (page) => page.ask({ kind: 'batch', batchId: 1, source: 'participants/bob/x', events: [chat(0)] }),
      { code: 'unauthorised' },
    ],
  ])('of %s says why, stores nothing, and the page may go on', async (_what, offend, expected) => {
    const page = await RawPage.welcome();
    expect(await offend(page)).toMatchObject({ kind: 'nack', ...expected });
    expect(await logged(topics.events)).toEqual([]);
    expect(await page.send(chat(20))).toMatchObject({ kind: 'ack' });
  });

  it('of too many events says when to come again; another page does not notice', async () => {
    const page = await RawPage.welcome();
    const other = await RawPage.welcome();
    const many = (first: number) => page.send(...Array.from({ length: 90 }, (_, index) => chat(first + index)));
    expect(await many(0)).toMatchObject({ kind: 'ack' });
    const reply = await many(90);
    expect(reply).toMatchObject({ kind: 'nack', code: 'rate-limited', retriable: true });
    expect(reply.kind === 'nack' && reply.retryAfterMs).toBeGreaterThan(100);
    expect(await other.send(chat(500))).toMatchObject({ kind: 'ack' });
  });

  it('of a token shows the page out with a code that it can read', async () => {
    const meeting = { scope: 'viewer', canExport: false } as const;
    for (const token of [
      'nonsense',
      '',
      await application.app.get(TokenService).issue(meeting, 60),
      await issue('ann', -1),
    ]) {
      const page = await RawPage.open(token);
      expect(await page.reply()).toMatchObject({ kind: 'nack', batchId: -1, code: 'unauthorised' });
      expect(await page.closed).toBe(4401);
    }
  });

  it('of a message over the limit closes that connection only', async () => {
    const page = await RawPage.welcome();
    const other = await RawPage.welcome();
    page.socket.send('x'.repeat(3_000_000));
    expect(await page.closed).toBe(1009);
    expect(await other.send(chat(0))).toMatchObject({ kind: 'ack' });
  });

  it('is counted', async () => {
    const text = await application.app.get(Metrics).registry.metrics();
    expect(text).toMatch(/rushes_ingest_refusals_total\{code="malformed"\} [1-9]/);
  });
});

it('tells the recording clock', async () => {
  const page = await RawPage.welcome();
  const reply = await page.ask({ kind: 'time', t0: 12.5 });
  expect(reply).toMatchObject({ kind: 'time', t0: 12.5 });
  expect(reply.kind === 'time' && reply.nowMs).toBeLessThan(60_000);
});
