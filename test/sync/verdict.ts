import type { Judgement, Presence } from './judge.ts';
import { muchStill } from './observe-viewer.ts';
import type { Outcome } from './run-scenario.ts';
import type { Limits } from './scenarios.ts';

/** What is looked at in a row: one attendee in one medium. */
export type Row = {
  scenario: string;
  medium: 'MP4' | 'viewer';
  judgement: Judgement;
  /** Between participants, in the whole meeting; on its first row. */
  spreadMs: number | undefined;
  limits: Limits;
  /** What missed its limit; empty: none. */
  missed: string[];
};

/**
 * A trend counts when it is beyond three times its noise and moves the offset by more than this over the meeting, milliseconds. The
 * sound of a sender whose clock runs fast is followed in steps of a packet, 20 ms; a viewer lets sound be 50 ms and pictures 20 ms off
 * their place before it corrects them. Within that they move, and no further in two hours than in two minutes.
 */
const trendMs: Readonly<Record<Row['medium'], number>> = { MP4: 30, viewer: 60 };
/**
 * A viewer on a busy machine is late for some seconds together, which looks like a trend in a meeting that is shorter than this: there
 * the limit of the offset says all that can be said. A film is the same on any machine.
 */
const leastTrendDurationMs: Readonly<Record<Row['medium'], number>> = { MP4: 0, viewer: 60_000 };

/** Milliseconds that a page's sound may stand still without a word. */
const muchSlippedMs = 20;

export function rowsOf({ scenario, media, manifest }: Outcome): Row[] {
  const { limits, name } = scenario;
  return media.flatMap(({ medium, judgements, spreadMs }) =>
    judgements.map((judgement, index): Row => {
      const spread = index === 0 && judgements.length > 1 ? spreadMs : undefined;
      const missed = missedBy(judgement, limits, { medium, durationMs: manifest.durationMs });
      if (spread !== undefined && !(spread <= limits.spreadMs)) missed.push('between participants');
      return { scenario: name, medium, judgement, spreadMs: spread, limits, missed };
    }),
  );
}

/** What kept the machine from running the scenario as it should, for people; empty: nothing that was seen. */
export function busynessOf({ slippedMs, viewerStillShare }: Outcome): string {
  return [
    ...(slippedMs > muchSlippedMs ? [`a sender's own sound stood still for ${slippedMs.toFixed(0)} ms`] : []),
    ...(viewerStillShare > muchStill
      ? [`the viewer page stood still for ${(viewerStillShare * 100).toFixed(0)} % of its best playing`]
      : []),
  ]
    .map((each) => `${each}, as on a busy machine`)
    .join('; ');
}

function missedBy(
  { flashes, beeps, offset, trend }: Judgement,
  limits: Limits,
  { medium, durationMs }: { medium: Row['medium']; durationMs: number },
): string[] {
  const grownMs = (trend.msPerHour * durationMs) / 3_600_000;
  const isBeyondNoise = Math.abs(trend.msPerHour) > 3 * trend.noiseMsPerHour;
  const isTrend = isBeyondNoise && Math.abs(grownMs) > trendMs[medium] && durationMs >= leastTrendDurationMs[medium];
  const hasBoth = flashes.due > 0 && beeps.due > 0;
  return [
    ...(isPresent(flashes, limits) ? [] : ['flashes']),
    ...(isPresent(beeps, limits) ? [] : ['beeps']),
    ...(!hasBoth || offset.p95Ms <= limits.offsetMs ? [] : ['A/V offset']),
    ...(isTrend ? ['trend'] : []),
  ];
}

function isPresent({ seen, due }: Presence, { presence }: Limits): boolean {
  // Of few, one may be missing only where the limit lets one of as many be.
  return due === 0 || seen / due >= presence;
}
