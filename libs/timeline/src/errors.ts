export type TimelineErrorCode =
  'chunk-unreadable' | 'event-invalid' | 'event-unknown' | 'manifest-invalid' | 'plugin-invalid';

/** Something at rest or on the wire is not what its schema says; trying again does not help. */
export class TimelineError extends Error {
  readonly retriable = false;

  constructor(
    readonly code: TimelineErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'TimelineError';
  }
}
