import { describe, expect, it } from 'vitest';
import { compareEvents, SeenEvents } from './order.ts';

const event = (atms: number, source: string, seq: number) => ({ atms, source, seq });

describe('the order of events', () => {
  it('is by clock, then source, then count', () => {
    const sorted = [event(2, 'a', 0), event(1, 'b', 0), event(1, 'a', 1), event(1, 'a', 0)].sort(compareEvents);
    expect(sorted).toEqual([event(1, 'a', 0), event(1, 'a', 1), event(1, 'b', 0), event(2, 'a', 0)]);
  });
});

describe('seen events', () => {
  it('lets each source and seq pass once, in any order', () => {
    const seen = new SeenEvents();
    expect([0, 2, 1, 2, 0, 3].map((seq) => seen.add(event(0, 'a', seq)))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
    ]);
    expect(seen.add(event(0, 'b', 0))).toBe(true);
  });

  it('goes on from what was stored, in space that does not grow with the events', () => {
    const seen = new SeenEvents();
    for (let seq = 0; seq < 1000; seq++) seen.add(event(0, 'a', seq));
    seen.add(event(0, 'a', 1002));
    expect(seen.toJSON()).toEqual({ a: { below: 1000, others: [1002] } });
    const again = SeenEvents.from(seen.toJSON());
    expect(again.add(event(0, 'a', 999))).toBe(false);
    expect(again.add(event(0, 'a', 1002))).toBe(false);
    expect(again.add(event(0, 'a', 1001))).toBe(true);
  });
});
