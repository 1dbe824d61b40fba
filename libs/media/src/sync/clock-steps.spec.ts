import { describe, expect, it } from 'vitest';
import { seededRandom } from '../testing/fake-track.ts';
import { fitSteppedEnvelope } from './clock-steps.ts';
import type { Arrival } from './clock-steps.ts';

const leastDelayMs = 12;

/**
 * One arrival a second. `lostMs`: by how much the sender's clock is behind at a second of the recording; `waitMs`: how long the
 * network keeps a packet; nothing comes in `silent` seconds.
 */
function arrivals(
  seconds: number,
  {
    lostMs = () => 0,
    waitMs = () => 0,
    silent = () => false,
  }: Partial<Record<'lostMs' | 'waitMs', (second: number) => number>> & {
    silent?: (second: number) => boolean;
  },
): Arrival[] {
  const random = seededRandom(seconds);
  return Array.from({ length: seconds }, (_, second) => second)
    .filter((second) => !silent(second))
    .map((second) => {
      const x = second * 1000 - lostMs(second);
      const atMs = second * 1000 + leastDelayMs + waitMs(second) + random() * 8;
      return { x, y: atMs - x, atMs };
    });
}

const between = (from: number, to: number) => (second: number) => second >= from && second < to;

describe('a sender whose clock stands still', () => {
  it('is followed from when it goes on, twice too', () => {
    const lostMs = (second: number) => (second < 30 ? 0 : second < 100 ? 40_000 : 65_000);
    const silent = (second: number) => between(30, 70)(second) || between(100, 125)(second);
    const { runs, standstills } = fitSteppedEnvelope(arrivals(160, { lostMs, silent }));
    expect(runs.map(({ envelope }) => Math.round((envelope.offset - leastDelayMs) / 10) * 10)).toEqual([
      0, 40_000, 65_000,
    ]);
    expect(standstills.map(({ fromMs, toMs }) => [fromMs, toMs].map((ms) => Math.round(ms / 1000)))).toEqual([
      [29, 70],
      [99, 125],
    ]);
  });
});

describe.each([
  ['nothing was sent', { silent: between(30, 70) }],
  [
    'nothing came through, then late',
    {
      silent: between(30, 35),
      waitMs: (second: number) => Math.max(0, 5000 - (second - 35) * 300) * Number(second >= 35),
    },
  ],
  [
    'everything was late for a minute',
    { silent: between(30, 34), waitMs: (second: number) => (between(34, 94)(second) ? 3000 : 0) },
  ],
  [
    'everything had been late before',
    { silent: between(30, 34), waitMs: (second: number) => (second < 30 ? 3000 : 0) },
  ],
])('a sender of whom %s', (_what, trouble) => {
  it('keeps one clock', () => {
    const { runs, standstills } = fitSteppedEnvelope(arrivals(160, trouble));
    expect([runs.length, standstills]).toEqual([1, []]);
    expect(Math.abs(runs[0]!.envelope.offset - leastDelayMs)).toBeLessThan(10);
  });
});
