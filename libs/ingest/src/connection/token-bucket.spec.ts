import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

it('allows a burst, then the rate, and says how long to wait', () => {
  const bucket = new TokenBucket(100, 50, 0);
  expect(bucket.take(50, 0)).toBe(0);
  expect(bucket.take(10, 0)).toBe(100);
  expect(bucket.take(10, 99)).toBe(1);
  expect(bucket.take(10, 100)).toBe(0);
  expect(bucket.take(51, 10_000)).toBe(0);
  expect(bucket.take(1, 10_000)).toBeGreaterThan(0);
});
