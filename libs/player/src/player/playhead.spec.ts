import { describe, expect, it } from 'vitest';
import type { Clock } from '../types.ts';
import { Playhead } from './playhead.ts';

class SteppedClock implements Clock {
  atMs = 1000;
  nowMs(): number {
    return this.atMs;
  }
  onNextFrame(): () => void {
    return () => undefined;
  }
}

describe('a playhead', () => {
  it('stands until it runs, and then goes with its clock at its rate', () => {
    const clock = new SteppedClock();
    const playhead = new Playhead(clock);
    playhead.moveTo(500);
    clock.atMs += 100;
    expect(playhead.positionMs).toBe(500);
    playhead.run();
    clock.atMs += 100;
    expect(playhead.positionMs).toBe(600);
    playhead.setRate(2);
    clock.atMs += 100;
    expect(playhead.positionMs).toBe(800);
    playhead.stop();
    clock.atMs += 100;
    expect(playhead.positionMs).toBe(800);
  });

  it('goes on from where it is moved to while it runs', () => {
    const clock = new SteppedClock();
    const playhead = new Playhead(clock);
    playhead.run();
    clock.atMs += 40;
    playhead.moveTo(9000);
    clock.atMs += 40;
    expect(playhead.positionMs).toBe(9040);
  });
});
