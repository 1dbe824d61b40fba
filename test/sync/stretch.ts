import type { OnAir } from './attendee.ts';
import type { Scenario } from './scenarios.ts';

/** What is looked at of a recording, milliseconds on its clock. */
export type Stretch = { fromMs: number; toMs: number };

/**
 * The whole of a recording, or as many stretches as its scenario wants, the first at its beginning and the last at its end. They begin
 * with whole seconds, so that a film's grid of frames lies the same way to a sender's in each of them.
 */
export function stretchesOf({ stretches }: Scenario, durationMs: number): Stretch[] {
  if (!stretches) return [{ fromMs: 0, toMs: durationMs }];
  const lengthMs = stretches.seconds * 1000;
  const everyMs = (durationMs - lengthMs) / (stretches.count - 1);
  return Array.from({ length: stretches.count }, (_, index) => {
    const fromMs = Math.floor((index * everyMs) / 1000) * 1000;
    return { fromMs, toMs: fromMs + lengthMs };
  });
}

/** What was on air within the stretches. */
export function withinStretches(onAir: readonly OnAir[], stretches: readonly Stretch[]): OnAir[] {
  return onAir.flatMap((each) =>
    stretches
      .map((stretch) => ({
        fromMs: Math.max(each.fromMs, stretch.fromMs),
        toMs: Math.min(each.toMs, stretch.toMs),
      }))
      .filter(({ fromMs, toMs }) => fromMs < toMs),
  );
}
