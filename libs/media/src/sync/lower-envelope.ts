import type { Line, Point } from './fit-line.ts';

/** Two machines' clocks are not further apart. */
const maxSlope = 500e-6;
/** Arrivals are whole milliseconds: over the points' span, a tilt of this much may be rounding alone. */
const roundingMs = 2;

/**
 * The line under all points that lies nearest to them: the least delay, as it changes with the clocks' drift. It is the
 * edge of the lower convex hull below the points' mean x, which solves the linear programme of Moon, Skelly and Towsley
 * ("Estimation and removal of clock skew from network delay measurements", 1999). Late packets cannot move it.
 * @throws RangeError without points.
 */
export function fitLowerEnvelope(points: readonly Point[]): Line {
  if (points.length === 0) throw new RangeError('expected at least one point');
  const hull = lowerHull([...points].sort((a, b) => a.x - b.x || a.y - b.y));
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const right = hull.findIndex(({ x }) => x >= meanX);
  const a = hull[Math.max(0, right - 1)]!;
  const b = hull[Math.max(0, right)]!;
  const tilt = a.x === b.x ? 0 : (b.y - a.y) / (b.x - a.x);
  const roundingSlope = roundingMs / Math.max(1, hull.at(-1)!.x - hull[0]!.x);
  const slope = Math.sign(tilt) * Math.min(maxSlope, Math.max(0, Math.abs(tilt) - roundingSlope));
  return { slope, offset: points.reduce((least, { x, y }) => Math.min(least, y - slope * x), Infinity) };
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
