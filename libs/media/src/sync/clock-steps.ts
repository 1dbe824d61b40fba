import type { Line, Point } from './fit-line.ts';
import { fitLowerEnvelope } from './lower-envelope.ts';

/** A packet that came early for its time. `x`: sender time, `y`: arrival less sender time; `atMs`: arrival. Milliseconds. */
export type Arrival = Point & { atMs: number };
/** A stretch of the recording clock in which the sender's clock stood still. */
export type Standstill = { fromMs: number; toMs: number };

/** One stretch of a session in which the sender's clock ran, from an arrival on. */
export type ClockRun = { fromAtMs: number; spanMs: number; envelope: Line };
export type SteppedEnvelope = { runs: readonly ClockRun[]; standstills: Standstill[] };

/** Nothing has come for so long: arrivals are one of each second. */
const silenceMs = 3_000;
/** Less is delay. */
const leastStepMs = 1_000;

/**
 * The least delay of a session whose sender's clock may stand still and go on: a laptop that sleeps keeps its calls, and most
 * systems do not count that time, so all that follows would stand as much too early. After a silence every packet is then later by
 * a second or more, for good; of what only waited in the network later packets come as early as before.
 * @throws RangeError without arrivals
 */
export function fitSteppedEnvelope(arrivals: readonly Arrival[]): SteppedEnvelope {
  const stretches = splitAtSilences(arrivals);
  const least = stretches.map((stretch) => leastOf(stretch, ({ y }) => y));
  const groups: Arrival[][] = [];
  const standstills: Standstill[] = [];
  let leastMs = Infinity;
  stretches.forEach((stretch, index) => {
    const isLater =
      least[index]! > leastMs + leastStepMs && least.slice(index).every((ms) => ms > leastMs + leastStepMs);
    if (index === 0 || isLater) {
      if (index > 0) standstills.push({ fromMs: stretches[index - 1]!.at(-1)!.atMs, toMs: stretch[0]!.atMs });
      groups.push([...stretch]);
      leastMs = least[index]!;
    } else {
      groups.at(-1)!.push(...stretch);
      leastMs = Math.min(leastMs, least[index]!);
    }
  });
  const runs = groups.map((group, index): ClockRun => {
    const spanMs = -leastOf(group, ({ x }) => -x) - leastOf(group, ({ x }) => x);
    return {
      fromAtMs: index === 0 ? -Infinity : group[0]!.atMs,
      spanMs,
      envelope: fitLowerEnvelope(group),
    };
  });
  return { runs, standstills };
}

function splitAtSilences(arrivals: readonly Arrival[]): Arrival[][] {
  const stretches: Arrival[][] = [];
  let lastAtMs = -Infinity;
  for (const arrival of [...arrivals].sort((a, b) => a.atMs - b.atMs || a.x - b.x)) {
    if (arrival.atMs - lastAtMs >= silenceMs) stretches.push([]);
    stretches.at(-1)?.push(arrival);
    lastAtMs = arrival.atMs;
  }
  return stretches;
}

function leastOf(arrivals: readonly Arrival[], valueOf: (arrival: Arrival) => number): number {
  return arrivals.reduce((least, arrival) => Math.min(least, valueOf(arrival)), Infinity);
}
