/** `y = offset + slope * x`, both in milliseconds. */
export type Line = { offset: number; slope: number };
export type FittedLine = Line & {
  /** |y − line| of the points that were kept, ascending. */
  residuals: number[];
  outliers: number;
};
export type Point = { x: number; y: number };

/** What clocks of real machines drift by; keeps a few noisy points from tilting the line. */
const priorSlope = 200e-6;
/** No clock is further off. */
const maxSlope = 1000e-6;
/** Noise below this is not resolved: a millisecond is what browsers' reports scatter by. */
const minNoiseMs = 1;
/** Never reject a point nearer to the line than this. */
const minOutlierMs = 5;
/** Enough for a robust slope; more only cost time (the pairs grow with the square). */
const slopePoints = 200;

/**
 * The line nearest to zero drift that explains the points: a robust start (median of pairwise slopes), points far off it
 * rejected, then least squares with a prior on the slope. `y` is a small difference of two clocks at time `x`.
 * @throws RangeError without points.
 */
export function fitLine(points: readonly Point[]): FittedLine {
  if (points.length === 0) throw new RangeError('expected at least one point');
  let line: Line = robustLine(points);
  let kept: readonly Point[] = points;
  for (let round = 0; round < 2; round++) {
    const distances = points.map((point) => distance(point, line));
    const noiseMs = Math.max(minNoiseMs, 1.4826 * median(distances));
    const limitMs = Math.max(minOutlierMs, 4 * noiseMs);
    kept = points.filter((_, index) => distances[index]! <= limitMs);
    line = leastSquares(kept, noiseMs);
  }
  const residuals = kept.map((point) => distance(point, line)).sort((a, b) => a - b);
  return { ...line, residuals, outliers: points.length - kept.length };
}

/** The middle value (the lower one of two). */
export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** Of ascending values; 0 when there are none. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? 0;
}

function distance({ x, y }: Point, line: Line): number {
  return Math.abs(y - line.offset - line.slope * x);
}

function robustLine(points: readonly Point[]): Line {
  const step = Math.ceil(points.length / slopePoints);
  const sample = points.filter((_, index) => index % step === 0);
  const spanMs = sample.at(-1)!.x - sample[0]!.x;
  const slopes: number[] = [];
  for (let i = 0; i < sample.length; i++) {
    for (let j = i + 1; j < sample.length; j++) {
      const dx = sample[j]!.x - sample[i]!.x;
      if (dx >= spanMs / 2 && dx >= 10_000) slopes.push((sample[j]!.y - sample[i]!.y) / dx);
    }
  }
  const slope = slopes.length > 2 ? clamp(median(slopes), maxSlope) : 0;
  return { slope, offset: median(points.map(({ x, y }) => y - slope * x)) };
}

function leastSquares(points: readonly Point[], noiseMs: number): Line {
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  let xx = noiseMs ** 2 / priorSlope ** 2;
  let xy = 0;
  for (const { x, y } of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  const slope = clamp(xy / xx, maxSlope);
  return { slope, offset: meanY - slope * meanX };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function clamp(value: number, limit: number): number {
  return Math.min(limit, Math.max(-limit, value));
}
