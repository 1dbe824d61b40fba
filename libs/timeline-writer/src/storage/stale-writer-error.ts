import type { RecordingId } from '@rushes/timeline';

/** Somebody else writes this recording's timeline by now: nothing was changed, and what is in memory may be out of date. */
export class StaleWriterError extends Error {
  readonly code = 'stale-writer';
  readonly retriable = true;

  constructor(
    readonly recordingId: RecordingId,
    readonly epoch: number,
  ) {
    super(`Recording ${recordingId} has a newer writer than number ${epoch}`);
    this.name = 'StaleWriterError';
  }
}
