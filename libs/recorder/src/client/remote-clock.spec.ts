import { expect, it } from 'vitest';
import { RemoteClock } from './remote-clock.ts';

let localMs = 1_000_000;

/** An exchange that takes `tripMs`, `backMs` of it on the way back, with a recorder that is `aheadMs` ahead. */
function exchange(aheadMs: number, tripMs: number, backMs = tripMs / 2) {
  const sentAt = localMs;
  localMs += tripMs;
  return { sentAt, receivedAt: localMs, epochMs: localMs - backMs + aheadMs };
}

it('takes the shortest of several exchanges for the truth', () => {
  const clock = new RemoteClock(() => localMs);
  clock.take(exchange(5000, 80, 79));
  clock.take(exchange(5000, 4));
  clock.take(exchange(5000, 60, 1));
  clock.set();
  expect(clock.nowMs()).toBe(localMs + 5000);
});

it('is corrected slowly while tracks run, so that no time jumps', () => {
  const clock = new RemoteClock(() => localMs);
  clock.take(exchange(0, 4));
  clock.set();
  for (let count = 0; count < 12; count++) clock.take(exchange(10, 2));
  const before = clock.nowMs() - localMs;
  localMs += 1000;
  expect(clock.nowMs() - localMs - before).toBeCloseTo(0.5, 6);
  localMs += 60_000;
  expect(clock.nowMs() - localMs).toBeCloseTo(10, 6);
});
