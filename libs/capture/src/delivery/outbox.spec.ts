import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { Outbox } from './outbox.ts';
import type { SealedBatch } from './sealed-batch.ts';

function batch(change: Partial<SealedBatch>): SealedBatch {
  return {
    recordingId: 'r1',
    participantId: 'p1',
    source: 'participants/p1/a',
    firstSeq: 0,
    count: 1,
    json: '[]',
    sealedAt: 1000,
    ...change,
  };
}

it('gives back what another page load left, by participant and in order', async () => {
  const first = await Outbox.open('outbox-order');
  await first.put(batch({ firstSeq: 10 }));
  await first.put(batch({ firstSeq: 2 }));
  await first.put(batch({ participantId: 'p2', source: 'participants/p2/a' }));
  await first.put(batch({ source: 'participants/p1/0', sealedAt: 2000 }));
  first.close();

  const second = await Outbox.open('outbox-order');
  const kept = await second.load('r1', 'p1', 3000);
  expect(kept.map((each) => [each.source, each.firstSeq])).toEqual([
    ['participants/p1/0', 0],
    ['participants/p1/a', 2],
    ['participants/p1/a', 10],
  ]);
  second.close();
});

it('forgets what was acknowledged and what is over a day old', async () => {
  const outbox = await Outbox.open('outbox-forget');
  await outbox.put(batch({ firstSeq: 0 }));
  await outbox.put(batch({ firstSeq: 1 }));
  await outbox.remove(batch({ firstSeq: 0 }));
  expect(await outbox.load('r1', 'p1', 2000)).toHaveLength(1);
  expect(await outbox.load('r1', 'p1', 1000 + 25 * 3600 * 1000)).toHaveLength(0);
  expect(await outbox.load('r1', 'p1', 2000)).toHaveLength(0);
  outbox.close();
});
