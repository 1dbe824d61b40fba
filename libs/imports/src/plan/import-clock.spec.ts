import { expect, it } from 'vitest';
import { ImportClock, strayAnchors } from './import-clock.ts';

const nowMs = 1_780_000_000_000;

it('begins with the earliest of what the wall clock places', () => {
  const anchors = [{ ms: 0 }, { epochMs: 5000 }, { epochMs: 7000.5 }];
  const clock = ImportClock.of(anchors, undefined, nowMs);
  expect(clock.recordedAt).toBe(5000);
  expect(anchors.map((anchor) => clock.place(anchor))).toEqual([0, 0, 2000.5]);
});

it('begins when import.json says, and before when something does', () => {
  const later = ImportClock.of([{ epochMs: 7000 }, { ms: 100 }], 5000, nowMs);
  expect([later.recordedAt, later.place({ epochMs: 7000 }), later.place({ ms: 100 })]).toEqual([5000, 2000, 100]);
  const earlier = ImportClock.of([{ epochMs: 4000 }, { ms: 100 }], 5000, nowMs);
  expect([earlier.recordedAt, earlier.place({ epochMs: 4000 }), earlier.place({ ms: 100 })]).toEqual([4000, 0, 1100]);
});

it('begins now when nothing says when it was', () => {
  expect(ImportClock.of([{ ms: 50 }], undefined, nowMs).recordedAt).toBe(nowMs);
});

it('finds clocks that cannot be right', () => {
  const [first, second, unset, relative] = [{ epochMs: nowMs }, { epochMs: nowMs + 5000 }, { epochMs: 0 }, { ms: 0 }];
  expect(strayAnchors([first, second, unset, relative], undefined)).toEqual(new Set([unset]));
  expect(strayAnchors([first, unset], 1000)).toEqual(new Set([first]));
});
