import { describe, expect, it } from 'vitest';
import { correctionFor } from './drift.ts';

describe('an element that has drifted', () => {
  it.each([
    [0, 'audio'],
    [49, 'audio'],
    [-49, 'audio'],
    [19, 'video'],
    [-19, 'video'],
  ] as const)('is left alone at %i ms (%s)', (driftMs, kind) => {
    expect(correctionFor(driftMs, kind)).toEqual({ kind: 'none' });
  });

  it('is nudged sooner when it shows a picture, since that is not heard', () => {
    expect(correctionFor(30, 'video').kind).toBe('nudge');
    expect(correctionFor(30, 'audio').kind).toBe('none');
  });

  it.each([
    [100, 0.9],
    [-100, 1.1],
    [250, 0.85],
    [-250, 1.15],
  ])('is nudged at %i ms to %f times its rate', (driftMs, factor) => {
    expect(correctionFor(driftMs, 'audio')).toEqual({ kind: 'nudge', factor });
  });

  it.each([251, -4000])('is sought anew at %i ms', (driftMs) => {
    expect(correctionFor(driftMs, 'video')).toEqual({ kind: 'seek' });
  });

  it('is nudged on until it is where it should be, once it began', () => {
    expect(correctionFor(40, 'audio', true).kind).toBe('nudge');
    expect(correctionFor(11, 'audio', true).kind).toBe('none');
  });
});
