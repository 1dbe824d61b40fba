import { beforeEach, expect, it } from 'vitest';
import { Delivery } from './delivery.ts';
import type { SealedBatch } from './sealed-batch.ts';

type Sent = { batchId: number; source: string; events: { seq: number }[] };

let sent: Sent[];
let kept: Set<string>;
let dropped: string[];
let delivery: Delivery;

beforeEach(() => {
  sent = [];
  kept = new Set();
  dropped = [];
  delivery = new Delivery({
    send(text) {
      sent.push(JSON.parse(text) as Sent);
      return true;
    },
    reconnect: () => undefined,
    keep: async (batch) => void kept.add(`${batch.source} ${batch.firstSeq}`),
    forget: async (batch) => void kept.delete(`${batch.source} ${batch.firstSeq}`),
    onAcknowledged: () => undefined,
    onDropped: (event, { code }) => dropped.push(`${event.seq} ${code}`),
  });
});

function batch(...seqs: number[]): SealedBatch {
  const events = seqs.map((seq) => ({ seq, type: 'rushes.chat.message-sent.v1', atMs: seq, data: {} }));
  const json = JSON.stringify(events);
  return {
    recordingId: 'r',
    participantId: 'p',
    source: 'participants/p/a',
    firstSeq: seqs[0]!,
    count: seqs.length,
    json,
    sealedAt: 0,
  };
}

function seqsSent(): number[][] {
  return sent.map(({ events }) => events.map(({ seq }) => seq));
}

it('sends one batch at a time and forgets it when it is acknowledged', async () => {
  delivery.add(batch(0, 1), 'app');
  delivery.add(batch(2), 'app');
  delivery.opened();
  expect(seqsSent()).toEqual([[0, 1]]);
  expect(delivery.pending).toBe(3);
  delivery.answer({ kind: 'ack', batchId: sent[0]!.batchId });
  expect(seqsSent()).toEqual([[0, 1], [2]]);
  const answered = delivery.whenAnswered();
  delivery.answer({ kind: 'ack', batchId: sent[1]!.batchId });
  await answered;
  expect(delivery.pending).toBe(0);
  expect(kept.size).toBe(0);
});

it('sends again what was in flight when the connection broke, before what came after', () => {
  delivery.opened();
  delivery.add(batch(0), 'app');
  delivery.add(batch(1), 'app');
  delivery.lost();
  delivery.opened();
  delivery.answer({ kind: 'ack', batchId: sent[0]!.batchId });
  expect(seqsSent()).toEqual([[0], [0]]);
  delivery.answer({ kind: 'ack', batchId: sent[1]!.batchId });
  expect(seqsSent()).toEqual([[0], [0], [1]]);
});

it('drops only the event that is refused for good, and sends the others again', async () => {
  delivery.opened();
  delivery.add(batch(0, 1, 2), 'app');
  const refusal = { kind: 'nack', code: 'malformed', retriable: false, message: 'x' } as const;
  delivery.answer({ ...refusal, batchId: sent[0]!.batchId, seq: 1 });
  expect(dropped).toEqual(['1 malformed']);
  expect(seqsSent()).toEqual([
    [0, 1, 2],
    [0, 2],
  ]);
  expect(kept).toEqual(new Set(['participants/p/a 0']));
  delivery.answer({ ...refusal, batchId: sent[1]!.batchId });
  expect(dropped).toEqual(['1 malformed', '0 malformed', '2 malformed']);
  await delivery.whenAnswered();
  expect(kept.size).toBe(0);
});

it('keeps page changes only when they are not acknowledged soon, or the page goes', () => {
  delivery.opened();
  delivery.add(batch(0), 'dom');
  expect(kept.size).toBe(0);
  delivery.sendEverything();
  expect(kept.size).toBe(1);
});
