import type { TrackKind } from '@rushes/timeline';

/** What to do about an element that is `driftMs` ahead of (or behind, negative) where it should be. */
export type Correction = { kind: 'none' } | { kind: 'nudge'; factor: number } | { kind: 'seek' };

/**
 * Below this nobody notices. Correcting sound would be heard, so it is left alone longer; pictures are muted, and what an element
 * shows is late by up to a frame besides.
 */
const toleratedDriftMs = { audio: 50, video: 20 } as const;
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
export function correctionFor(driftMs: number, kind: TrackKind, isNudged = false): Correction {
  const size = Math.abs(driftMs);
  if (size < (isNudged ? settledDriftMs : toleratedDriftMs[kind])) return { kind: 'none' };
  if (size > seekDriftMs) return { kind: 'seek' };
  return { kind: 'nudge', factor: 1 - Math.sign(driftMs) * Math.min(0.15, size / 1000) };
}
