import { describe, expect, it } from 'vitest';
import { seededRandom } from '../testing/fake-track.ts';
import type { Line, Point } from './fit-line.ts';
import { fitLowerEnvelope } from './lower-envelope.ts';

const leastDelayMs = 12;

type SessionOptions = {
  driftPpm?: number;
  /** By how much load lifts the least delay, at a share of the session's length. */
  loadMs?: (share: number) => number;
  jitterMs?: number;
};

/** Three points a second, as the scans of three tracks give them; arrivals are whole milliseconds. */
function session(seconds: number, options: SessionOptions): Point[] {
  const { driftPpm = 0, loadMs = () => 0, jitterMs = 6 } = options;
  const random = seededRandom(seconds);
  return Array.from({ length: seconds * 3 }, (_, n) => {
    const x = (n * 1000) / 3;
    const delayMs = leastDelayMs + loadMs(n / (seconds * 3)) + random() ** 2 * jitterMs;
    return { x, y: Math.floor(x + x * driftPpm * 1e-6 + delayMs) - x };
  });
}

/** By how much the line is off the clocks at worst, milliseconds. */
function worstError(line: Line, points: readonly Point[], driftPpm = 0): number {
  const errors = [points[0]!, points.at(-1)!].map(
    ({ x }) => line.offset + line.slope * x - leastDelayMs - x * driftPpm * 1e-6,
  );
  return Math.max(...errors.map(Math.abs));
}

describe('fitLowerEnvelope', () => {
  it('is not moved by late packets, and follows the clocks', () => {
    const random = seededRandom(2);
    const points = Array.from({ length: 3000 }, (_, n) => {
      const queueMs = n > 1000 && n < 2000 ? 300 : 0;
      return { x: n * 1000, y: 12 - n * 1000 * 150e-6 + queueMs + random() ** 2 * 80 };
    });
    const line = fitLowerEnvelope(points);
    // Less what the millisecond's rounding may have tilted.
    expect(Math.abs(line.slope * 1e6 + 150)).toBeLessThan(1);
    expect(line.offset).toBeGreaterThan(10);
    expect(line.offset).toBeLessThan(14);
  });

  it('is flat for a single point', () => {
    expect(fitLowerEnvelope([{ x: 5, y: 7 }])).toEqual({ slope: 0, offset: 7 });
  });

  it.each([
    { change: 'rises evenly', loadMs: (share: number) => 40 * share },
    { change: 'rises at the end', loadMs: (share: number) => 60 * share ** 3 },
    { change: 'rises at once', loadMs: (share: number) => (share > 0.2 ? 25 : 0) },
    { change: 'falls', loadMs: (share: number) => 40 * (1 - share) },
  ])('takes no load for drift in a recording of 30 to 60 s, whether it $change', ({ loadMs }) => {
    for (const seconds of [30, 45, 60]) {
      const points = session(seconds, { loadMs });
      expect(worstError(fitLowerEnvelope(points), points)).toBeLessThan(3);
    }
  });

  it.each([
    { when: 'soon', loadMs: (share: number) => (share > 0.25 ? 25 : 0) },
    { when: 'late', loadMs: (share: number) => (share > 0.75 ? 25 : 0) },
    { when: 'for a while', loadMs: (share: number) => (share > 0.3 && share < 0.6 ? 25 : 0) },
  ])('takes no load that rises $when for drift in one of minutes', ({ loadMs }) => {
    for (const seconds of [150, 300, 600]) {
      const points = session(seconds, { loadMs });
      expect(worstError(fitLowerEnvelope(points), points)).toBeLessThan(5);
    }
  });

  it.each([20, 100, -100, 200])('follows %i ppm of drift through the jitter of a long recording', (driftPpm) => {
    for (const seconds of [300, 3600]) {
      const points = session(seconds, { driftPpm, jitterMs: 30 });
      expect(worstError(fitLowerEnvelope(points), points, driftPpm)).toBeLessThan(5);
    }
  });

  it('leaves a few milliseconds of drift in a short recording, where it cannot be told from load', () => {
    const points = session(60, { driftPpm: 100 });
    expect(worstError(fitLowerEnvelope(points), points, 100)).toBeLessThan(8);
  });

  it('follows drift over long pauses, when little was sent but at the beginning and at the end', () => {
    const points = session(3600, { driftPpm: 50 }).filter(({ x }) => x < 120_000 || x > 3_500_000);
    expect(worstError(fitLowerEnvelope(points), points, 50)).toBeLessThan(5);
  });

  it('never tilts more than clocks can', () => {
    expect(fitLowerEnvelope(session(300, { driftPpm: 2000 })).slope).toBe(300e-6);
  });

  it('gives the same line for the same points in any order', () => {
    const points = session(300, { driftPpm: 80, jitterMs: 30 });
    expect(fitLowerEnvelope(points.toReversed())).toEqual(fitLowerEnvelope(points));
  });
});
