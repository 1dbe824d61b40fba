import { performance } from 'node:perf_hooks';

/**
 * Epoch milliseconds that never jump: the wall clock at process start plus monotonic time since.
 * Every part that stamps events uses it, so that a corrected system clock does not tear a recording.
 */
export function monotonicEpochMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Now on the recording clock: whole milliseconds since `recordedAt` (epoch ms of its zero), never negative. */
export function recordingNowMs(recordedAt: number): number {
  return recordingMsAt(recordedAt, monotonicEpochMs());
}

/** An instant of {@link monotonicEpochMs} on the recording clock, as {@link recordingNowMs}. */
export function recordingMsAt(recordedAt: number, epochMs: number): number {
  return Math.max(0, Math.round(epochMs - recordedAt));
}
