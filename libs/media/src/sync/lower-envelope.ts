import { median } from './fit-line.ts';
import type { Line, Point } from './fit-line.ts';

/** Clocks of real machines are within some 100 ppm of each other; beyond this it is the delay that grows. */
const maxSlope = 300e-6;
/** From this length on drift is followed, milliseconds: 100 ppm grow to 10 ms in it, see {@link fitLowerEnvelope}. */
const supportMs = 100_000;
/** Arrivals are whole milliseconds: over the points' span, a tilt of this much may be rounding alone. */
const roundingMs = 2;
/** How long a stretch is out of which the least delay counts; longer ones in a long session, to have at most so many. */
const stretchMs = 10_000;
const maxStretches = 200;

/**
 * The line under all points that lies nearest to them: the least delay, as it changes with the clocks' drift. Late
 * packets cannot move it. `x` is sender time, `y` arrival less sender time, in milliseconds.
 *
 * The least delay itself may change: where the receiver's machine, or the network, gets busy in the middle, the quickest
 * packet is late too. A bare line then reported 500 ppm, its bound, for all participants of a recording of half a minute:
 * 18 ms at its end. Two clocks do not differ by so much, but in a short session nothing else tells delay from drift.
 * So the slope has to be earned:
 * - by length: below 100 s the line is flat. Such a session loses at most 10 ms by it, if its clocks are as far apart as
 *   100 ppm; less than a growing delay would cost. A flat line stands on the least delay of the whole session.
 * - by persistence: the slope is the smaller of two that fail in different ways, or none when they disagree on its sign.
 *   The edge of the lower convex hull below the mean x, which solves the linear programme of Moon, Skelly and Towsley
 *   ("Estimation and removal of clock skew from network delay measurements", 1999), is flat when delay grew late; the
 *   median slope between any two stretches' least delays (Theil and Sen) is flat when delay grew early and stayed.
 * - by plausibility: at most 300 ppm.
 *
 * What remains: beyond 100 s a delay that grows evenly from beginning to end is taken for drift, and of one that grew at
 * once right in the middle the half.
 * @throws RangeError without points.
 */
export function fitLowerEnvelope(points: readonly Point[]): Line {
  if (points.length === 0) throw new RangeError('expected at least one point');
  const slope = fitSlope([...points].sort((a, b) => a.x - b.x || a.y - b.y));
  return { slope, offset: points.reduce((least, { x, y }) => Math.min(least, y - slope * x), Infinity) };
}

function fitSlope(sorted: readonly Point[]): number {
  const spanMs = sorted.at(-1)!.x - sorted[0]!.x;
  if (spanMs < supportMs) return 0;
  const [edge, persistent] = [hullSlope(sorted), persistentSlope(sorted, spanMs)];
  if (Math.sign(edge) !== Math.sign(persistent)) return 0;
  const tilt = Math.min(Math.abs(edge), Math.abs(persistent)) - roundingMs / spanMs;
  return Math.sign(edge) * Math.min(maxSlope, Math.max(0, tilt));
}

/** Slope of the lower hull where it passes below the mean x. */
function hullSlope(sorted: readonly Point[]): number {
  const hull = lowerHull(sorted);
  const meanX = sorted.reduce((sum, { x }) => sum + x, 0) / sorted.length;
  const right = hull.findIndex(({ x }) => x >= meanX);
  return slopeBetween(hull[Math.max(0, right - 1)]!, hull[Math.max(0, right)]!);
}

/** Median of the slopes between any two stretches, each with the point of its least delay. */
function persistentSlope(sorted: readonly Point[], spanMs: number): number {
  const lengthMs = Math.max(stretchMs, spanMs / maxStretches);
  const least: Point[] = [];
  let stretch = -1;
  for (const point of sorted) {
    const index = Math.floor((point.x - sorted[0]!.x) / lengthMs);
    if (index !== stretch) least.push(point);
    else if (point.y < least.at(-1)!.y) least[least.length - 1] = point;
    stretch = index;
  }
  return median(least.flatMap((a, index) => least.slice(index + 1).map((b) => slopeBetween(a, b))));
}

function slopeBetween(a: Point, b: Point): number {
  return a.x === b.x ? 0 : (b.y - a.y) / (b.x - a.x);
}

function lowerHull(sorted: readonly Point[]): Point[] {
  const hull: Point[] = [];
  for (const point of sorted) {
    if (hull.at(-1)?.x === point.x) continue;
    while (hull.length >= 2 && !turnsUp(hull.at(-2)!, hull.at(-1)!, point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

function turnsUp(a: Point, b: Point, c: Point): boolean {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) > 0;
}
