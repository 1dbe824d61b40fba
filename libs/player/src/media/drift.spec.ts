import { describe, expect, it } from 'vitest';
import { correctionFor } from './drift.ts';

describe('an element that has drifted', () => {
  it.each([0, 49, -49])('is left alone at %i ms', (driftMs) => {
    expect(correctionFor(driftMs)).toEqual({ kind: 'none' });
  });

  it.each([
    [100, 0.9],
    [-100, 1.1],
    [250, 0.85],
    [-250, 1.15],
  ])('is nudged at %i ms to %f times its rate', (driftMs, factor) => {
    expect(correctionFor(driftMs)).toEqual({ kind: 'nudge', factor });
  });

  it.each([251, -4000])('is sought anew at %i ms', (driftMs) => {
    expect(correctionFor(driftMs)).toEqual({ kind: 'seek' });
  });

  it('is nudged on until it is where it should be, once it began', () => {
    expect(correctionFor(40, true).kind).toBe('nudge');
    expect(correctionFor(11, true).kind).toBe('none');
  });
});
