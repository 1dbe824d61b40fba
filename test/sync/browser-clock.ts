import type { TrackKind } from '@rushes/timeline';
import { strip } from '../content/signal.ts';
import type { SignalLog } from '../fixtures/publisher/clocked-signal.ts';
import type { MediaClock } from './clock.ts';

/**
 * When a page's pictures and sound were captured, by its log. A picture says by its number when it was painted. Sound only ever falls
 * behind, and what a window says of its zero is never early: so its zero was, at any time, what the least of all later windows says.
 */
export function clocksOf({ heard, counted }: SignalLog): Record<TrackKind, MediaClock> {
  const zeros = leastOfLater(heard);
  const soundZeroAt = (epochMs: number): number =>
    (zeros.find(({ untilMs }) => untilMs >= epochMs) ?? zeros.at(-1)!).zeroMs;
  const countedAt = (epochMs: number): number =>
    (counted.findLast(({ fromMs }) => fromMs <= epochMs) ?? counted[0]!).zeroMs;
  const common = { periodMs: 2 ** strip.bits, msPerCode: 1 };
  return {
    audio: {
      ...common,
      capturedAt: (clockMs) =>
        clockMs + (zeros.find(({ untilMs, zeroMs }) => clockMs + zeroMs <= untilMs) ?? zeros.at(-1)!).zeroMs,
      clockMsAt: (epochMs) => epochMs - soundZeroAt(epochMs),
    },
    video: {
      ...common,
      capturedAt: (clockMs) =>
        clockMs + (counted.findLast(({ fromMs, zeroMs }) => fromMs <= clockMs + zeroMs) ?? counted[0]!).zeroMs,
      clockMsAt: (epochMs) => epochMs - countedAt(epochMs),
    },
  };
}

/** A log whose epoch clock was ahead of ours by so many milliseconds, on ours. */
export function onOurClock({ heard, counted, flashed }: SignalLog, aheadMs: number): SignalLog {
  return {
    heard: heard.map(({ untilMs, zeroMs }) => ({ untilMs: untilMs - aheadMs, zeroMs: zeroMs - aheadMs })),
    counted: counted.map(({ fromMs, zeroMs }) => ({ fromMs: fromMs - aheadMs, zeroMs: zeroMs - aheadMs })),
    flashed: flashed.map(({ second, atMs }) => ({ second, atMs: atMs - aheadMs })),
  };
}

/** Milliseconds by which a page's sound stood still, all in all: what a browser without time for it does. */
export function slippedMsOf({ heard }: SignalLog): number {
  const zeros = leastOfLater(heard);
  return zeros.length === 0 ? 0 : zeros.at(-1)!.zeroMs - zeros[0]!.zeroMs;
}

function leastOfLater(heard: SignalLog['heard']): SignalLog['heard'] {
  let leastMs = Infinity;
  const zeros = heard
    .toReversed()
    .map(({ untilMs, zeroMs }) => ({ untilMs, zeroMs: (leastMs = Math.min(leastMs, zeroMs)) }));
  return zeros.reverse();
}
