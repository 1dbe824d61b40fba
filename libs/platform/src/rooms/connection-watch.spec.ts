import { expect, it } from 'vitest';
import { ConnectionWatch } from './connection-watch.ts';

it('has heard for as long as answers came without a long pause', () => {
  const watch = new ConnectionWatch(5_000);
  expect(watch.hasHeardFor(15_000, 0)).toBe(false);
  for (let nowMs = 0; nowMs <= 20_000; nowMs += 1_000) watch.note(nowMs);
  expect(watch.hasHeardFor(15_000, 20_000)).toBe(true);
  expect(watch.hasHeardFor(21_000, 20_000)).toBe(false);
});

it('begins anew after an outage, and knows nothing during one', () => {
  const watch = new ConnectionWatch(5_000);
  for (let nowMs = 0; nowMs <= 20_000; nowMs += 1_000) watch.note(nowMs);
  expect(watch.hasHeardFor(15_000, 26_000)).toBe(false);
  watch.note(80_000);
  expect(watch.hasHeardFor(15_000, 80_000)).toBe(false);
  for (let nowMs = 81_000; nowMs <= 95_000; nowMs += 1_000) watch.note(nowMs);
  expect(watch.hasHeardFor(15_000, 95_000)).toBe(true);
});
