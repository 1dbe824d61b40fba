/** What to do about an element that is `driftMs` ahead of (or behind, negative) where it should be. */
export type Correction = { kind: 'none' } | { kind: 'nudge'; factor: number } | { kind: 'seek' };

/** Below this nobody notices, and correcting would be heard. */
export const toleratedDriftMs = 50;
/** Beyond this catching up takes too long. */
export const seekDriftMs = 250;
/** How often elements are checked. */
export const checkIntervalMs = 250;
/** A correction that has begun goes on until here, or it would begin again at once. */
const settledDriftMs = 12;

/**
 * A nudge takes back the drift in about a second, at most 15 % faster or slower: pitch is kept by the browser.
 * `isNudged` says whether the element is being nudged already.
 */
export function correctionFor(driftMs: number, isNudged = false): Correction {
  const size = Math.abs(driftMs);
  if (size < (isNudged ? settledDriftMs : toleratedDriftMs)) return { kind: 'none' };
  if (size > seekDriftMs) return { kind: 'seek' };
  return { kind: 'nudge', factor: 1 - Math.sign(driftMs) * Math.min(0.15, size / 1000) };
}
