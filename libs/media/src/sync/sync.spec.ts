import { describe, expect, it } from 'vitest';
import { seededRandom } from '../testing/fake-track.ts';
import type { StreamScan } from '../track/scan-track.ts';
import { fitLine } from './fit-line.ts';
import { SenderClock } from './sender-clock.ts';

describe('fitLine', () => {
  it('finds drift and offset through noise and outliers', () => {
    const random = seededRandom(1);
    const points = Array.from({ length: 600 }, (_, n) => {
      const isOutlier = n % 20 === 7;
      return { x: n * 1000, y: 40 + n * 1000 * 200e-6 + (isOutlier ? 500 : (random() - 0.5) * 4) };
    });
    const line = fitLine(points);
    expect(line.slope * 1e6).toBeCloseTo(200, 0);
    expect(line.offset).toBeCloseTo(40, 0);
    expect(line.outliers).toBe(30);
    expect(line.residuals.at(-1)).toBeLessThan(3);
  });

  it('does not take the noise of a few reports for drift', () => {
    const line = fitLine([
      { x: 0, y: 0 },
      { x: 5000, y: 4 },
      { x: 10_000, y: -1 },
    ]);
    expect(Math.abs(line.slope)).toBeLessThan(50e-6);
  });
});

describe('SenderClock', () => {
  const rate = 48_000;
  const scanOf = (reports: StreamScan['reports'], windows: StreamScan['windows'] = []): StreamScan => ({
    ssrc: 1,
    clockRate: rate,
    packetCount: 1,
    frameCount: 1,
    windows,
    reports,
  });
  const reportAt = (mediaMs: number, ntpMs: number) => ({ ticks: (mediaMs * rate) / 1000, ntpMs, atMs: ntpMs });

  it('does without reports', () => {
    expect(SenderClock.fit(scanOf([]))).toBeUndefined();
  });

  it('leaves out a single report that agrees with no other, also the first and the last', () => {
    const reports = [9000, 1000, 2000, 8000, 4000, 5000, 6200].map((ntpMs, second) => reportAt(second * 1000, ntpMs));
    const windows = reports.map(({ ticks }, second) => ({ ticks, firstTicks: ticks, atMs: second * 1000 + 10 }));
    for (const arrivals of [[], windows]) {
      const clock = SenderClock.fit(scanOf(reports, arrivals))!;
      expect(clock.ntpMsAt(rate * 2.5)).toBeCloseTo(2500, 3);
      expect(clock.ntpMsAt(rate * 6)).toBeCloseTo(6000, 3);
      expect(clock.outliers).toBe(3);
    }
  });

  it('begins a new line where the media clock had stood still', () => {
    const reports = [reportAt(0, 0), reportAt(5000, 5000), reportAt(6000, 36_000), reportAt(11_000, 41_000)];
    const windows = Array.from({ length: 12 }, (_, second) => {
      const ticks = second * rate;
      return { ticks, firstTicks: ticks, atMs: second * 1000 + (second >= 6 ? 30_000 : 0) + 10 };
    });
    const clock = SenderClock.fit(scanOf(reports, windows))!;
    expect(clock.ntpMsAt(5.9 * rate)).toBeCloseTo(5900, 0);
    expect(clock.ntpMsAt(6 * rate)).toBeCloseTo(36_000, 0);
  });

  it('follows a media clock that has stood still before every report', () => {
    const stoodMs = (second: number) => 150 * Math.max(0, Math.floor((second + 2.5) / 5));
    const ticksAt = (second: number) => ((second * 1000 - stoodMs(second)) * rate) / 1000;
    const reports = Array.from({ length: 12 }, (_, index) => ({
      ticks: ticksAt(index * 5),
      ntpMs: index * 5000,
      atMs: index * 5000,
    }));
    const windows = Array.from({ length: 60 }, (_, second) => {
      return { ticks: ticksAt(second), firstTicks: ticksAt(second), atMs: second * 1000 + 10 };
    });
    const clock = SenderClock.fit(scanOf(reports, windows))!;
    for (const second of [6, 9, 26, 29, 46, 49]) expect(clock.ntpMsAt(ticksAt(second))).toBeCloseTo(second * 1000, 0);
  });

  it.each([
    ['first', 2.5],
    ['last', 12.5],
    ['only', 2.5],
  ])('follows a media clock that has stood still beside the %s report', (which, atSecond) => {
    const stoodMs = (second: number) => (second > atSecond ? 300 : 0);
    const ticksAt = (second: number) => ((second * 1000 - stoodMs(second)) * rate) / 1000;
    const seconds = which === 'only' ? [1, 4] : [0, 5, 10, 15];
    const reports = seconds.map((second) => ({ ticks: ticksAt(second), ntpMs: second * 1000, atMs: second * 1000 }));
    const windows = Array.from({ length: seconds.at(-1)! + 2 }, (_, second) => {
      return { ticks: ticksAt(second), firstTicks: ticksAt(second), atMs: second * 1000 + 10 + ((second * 7) % 20) };
    });
    const clock = SenderClock.fit(scanOf(reports, windows))!;
    for (const second of [0, 2, 3, ...seconds]) expect(clock.ntpMsAt(ticksAt(second))).toBeCloseTo(second * 1000, 0);
    expect(clock.outliers).toBe(0);
  });

  it.each([3_600_000, -3_600_000])('takes no wall clock that was set by %i ms for time that passed', (setMs) => {
    const reports = [0, 5000, 10_000, 15_000].map((ms) => reportAt(ms, ms + (ms > 7000 ? setMs : 0)));
    const windows = Array.from({ length: 16 }, (_, second) => {
      const ticks = second * rate;
      return { ticks, firstTicks: ticks, atMs: second * 1000 + 10 + (second % 3) };
    });
    const clock = SenderClock.fit(scanOf(reports, windows))!;
    for (const second of [1, 7, 12, 15]) expect(clock.ntpMsAt(second * rate)).toBeCloseTo(second * 1000, 0);
  });
});
