import { median, quantile } from './fit-line.ts';
import type { Line, Point } from './fit-line.ts';

/** Less is left to the line. */
const leastWanderMs = 10;
/** So many standard errors of a running median are no chance, of some hundred medians either. */
const leastErrors = 5;
/** A running median takes as many points as it needs to be so sure, milliseconds, and at most so many to either side. */
const sureMs = 2;
const mostReach = 12;
/** Of normal noise: the standard error of a median of n points is this much of the noise, by the root of n. */
const medianError = 1.2533;
/** Of normal noise: the lower quartile of what points are off the middle of their neighbours is this much of it. */
const lowerQuartile = 0.3903;
/** Of as many points the noise is taken for double. */
const fewPoints = 6;

/**
 * Where a clock leaves its line and stays away: the running median of what the line does not explain, to be added to it; nothing
 * where that is within noise. A browser that gets no time lets its sound stand still for some milliseconds, again and again:
 * stairs, and no drift. A median keeps a step as steep as it is; of a browser's reports, which are right to half a millisecond, it
 * takes three.
 * @param points ascending in `x`
 */
export function findWander(points: readonly Point[], line: Line): Point[] {
  const left = points.map(({ x, y }) => ({ x, y: y - line.offset - line.slope * x }));
  const noiseMs = noiseOf(left.map(({ y }) => y));
  const needed = Math.ceil(((medianError * noiseMs) / sureMs) ** 2 / 2);
  let isWandering = false;
  const wander = left.map(({ x }, index) => {
    // As many to either side, or what lies on one would draw it over. Near an end that is one more, for its noise.
    const toEnd = Math.min(index, left.length - 1 - index);
    const reach = Math.min(Math.max(1, Math.min(needed, mostReach)), Math.max(1, toEnd));
    const near = left.slice(Math.max(0, index - reach), index + reach + 1);
    const y = median(near.map((point) => point.y));
    const errorMs = (medianError * noiseMs) / Math.sqrt(near.length);
    isWandering ||= Math.abs(y) > Math.max(leastWanderMs, leastErrors * errorMs);
    return { x, y };
  });
  return isWandering ? wander : [];
}

/** Of values in a row whose steps and slopes are no noise. A few lie together by chance, and are taken for noisier than they look. */
function noiseOf(values: readonly number[]): number {
  const off = values.slice(2).map((next, index) => Math.abs(values[index + 1]! - (values[index]! + next) / 2));
  off.sort((a, b) => a - b);
  return (quantile(off, 0.25) / lowerQuartile) * (1 + fewPoints / Math.max(1, off.length));
}

/** Between points in proportion, beyond them as the nearest; 0 without points. `points`: ascending in `x`. */
export function valueAt(points: readonly Point[], x: number): number {
  const right = firstFrom(points, x);
  const [before, after] = [points[right - 1], points[right]];
  if (!before || !after) return (before ?? after)?.y ?? 0;
  return before.y + ((after.y - before.y) * (x - before.x)) / (after.x - before.x);
}

/** Whether the value stays within 10 ms around `x`, two points to either side. `points`: ascending in `x`. */
export function isSteadyAt(points: readonly Point[], x: number): boolean {
  const right = firstFrom(points, x);
  const near = points.slice(Math.max(0, right - 2), right + 2).map(({ y }) => y);
  return Math.max(...near) - Math.min(...near) <= leastWanderMs;
}

/** Index of the first point that is not before `x`. */
function firstFrom(points: readonly Point[], x: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]!.x < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
