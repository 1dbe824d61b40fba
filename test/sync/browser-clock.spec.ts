import { describe, expect, it } from 'vitest';
import { clocksOf, onOurClock, slippedMsOf } from './browser-clock.ts';
import { instantOf } from './clock.ts';

/** Sound that began at 1000 and stood still for 40 ms before 1500; the page was busy, and saw both late. */
const log = {
  heard: [
    { untilMs: 1250, zeroMs: 1020 },
    { untilMs: 1500, zeroMs: 1000 },
    { untilMs: 1750, zeroMs: 1070 },
    { untilMs: 2000, zeroMs: 1040 },
  ],
  counted: [
    { fromMs: 1020, zeroMs: 1020 },
    { fromMs: 1300, zeroMs: 1000 },
    { fromMs: 1800, zeroMs: 1040 },
  ],
  flashed: [],
};

describe('a page’s clocks', () => {
  const { audio, video } = clocksOf(log);

  it('take its sound for no later than its later moments show it', () => {
    expect([0, 100, 499].map((ms) => audio.capturedAt(ms))).toEqual([1000, 1100, 1499]);
    expect([600, 900, 5000].map((ms) => audio.capturedAt(ms))).toEqual([1640, 1940, 6040]);
    expect([1100, 1600, 9000].map((ms) => audio.clockMsAt(ms))).toEqual([100, 560, 7960]);
    expect(slippedMsOf(log)).toBe(40);
  });

  it('are put on ours', () => {
    const ours = clocksOf(onOurClock(log, 200));
    expect(ours.audio.capturedAt(600)).toBe(1440);
    expect(ours.video.capturedAt(400)).toBe(1200);
  });

  it('know when a picture was painted by what its number was counted from', () => {
    expect(video.capturedAt(100)).toBe(1120);
    expect(video.capturedAt(400)).toBe(1400);
    expect(video.capturedAt(instantOf(video, 800, 1850))).toBe(1840);
    expect(video.clockMsAt(1100)).toBe(80);
  });
});
