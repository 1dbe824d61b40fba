import { describe, expect, it } from 'vitest';
import { troubled, type Trouble } from './trouble.ts';

/** A packet of 1000 bytes every 10 ms, for ten seconds. */
function fates(trouble: Trouble, seed = 1) {
  const decide = troubled(trouble, seed);
  return Array.from({ length: 1000 }, (_, index) => ({ atMs: index * 10, leaves: decide(index * 10, 1000) }));
}

describe('a troubled network', () => {
  it('does the same again with the same seed, and something else with another', () => {
    const trouble = { loss: 0.05, jitterMs: 50, reorder: 0.02, duplicate: 0.01 };
    expect(fates(trouble)).toEqual(fates(trouble));
    expect(fates(trouble, 2)).not.toEqual(fates(trouble));
  });

  it('is none when nothing is asked for', () => {
    expect(fates({}).every(({ atMs, leaves }) => leaves.length === 1 && leaves[0] === atMs)).toBe(true);
  });

  it('loses the share that is asked for', () => {
    const lost = fates({ loss: 0.05 }).filter(({ leaves }) => leaves.length === 0).length;
    expect(lost).toBeGreaterThan(30);
    expect(lost).toBeLessThan(70);
  });

  it('delays by up to the jitter, and keeps packets in order unless some are to overtake', () => {
    const delays = fates({ jitterMs: 50 }).map(({ atMs, leaves }) => leaves[0]! - atMs);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...delays)).toBeLessThan(10);
    expect(Math.max(...delays)).toBeGreaterThan(40);
    expect(Math.max(...delays)).toBeLessThanOrEqual(50);
    expect(overtakings({ jitterMs: 50 })).toBe(0);
    expect(overtakings({ jitterMs: 50, reorder: 0.05 })).toBeGreaterThan(5);
  });

  it('lets no more through than the rate, and drops what waits too long', () => {
    const passed = fates({ rateBps: 400_000 }).flatMap(({ leaves }) => leaves);
    // 800 kbit/s came: half of it passes, 50 packets a second.
    expect(passed.length).toBeGreaterThan(480);
    expect(passed.length).toBeLessThan(540);
  });

  function overtakings(trouble: Trouble): number {
    const leaving = fates(trouble).flatMap(({ leaves }) => leaves);
    return leaving.filter((at, index) => index > 0 && at < leaving[index - 1]!).length;
  }
});
