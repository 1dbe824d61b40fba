import type { TimelinePlugin } from '@rushes/timeline';

export type TimelineWriterOptions = {
  /** Whose state stands in chunk snapshots. */
  plugins?: readonly TimelinePlugin[];
  /** Time between flushes, milliseconds: how far a replay of a running recording lags behind. Default 2500. */
  flushIntervalMs?: number;
};

/** Injection token of {@link TimelineWriterOptions}. */
export const TIMELINE_WRITER_OPTIONS = Symbol('TIMELINE_WRITER_OPTIONS');
