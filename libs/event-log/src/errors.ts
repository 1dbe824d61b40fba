/** The log, or this subscription, has been closed. */
export class EventLogClosedError extends Error {
  readonly code = 'event-log-closed';
  readonly retriable = false;

  constructor() {
    super('The event log is closed');
    this.name = 'EventLogClosedError';
  }
}

/**
 * The log cannot take or give anything now; nothing has been promised. The same call may succeed later. What it was to
 * append may be stored all the same: appended again, it is there twice, which consumers recognise.
 */
export class EventLogUnavailableError extends Error {
  readonly code = 'event-log-unavailable';
  readonly retriable = true;

  constructor(
    message: string,
    /** Least wait before the next attempt, milliseconds. */
    readonly retryAfterMs: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EventLogUnavailableError';
  }
}

/** The log refuses these events for good: too large, or not allowed. */
export class EventRefusedError extends Error {
  readonly retriable = false;

  constructor(
    readonly code: 'event-too-large' | 'event-refused',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EventRefusedError';
  }
}

/** The partition of a record is no longer this subscription's: its records are handed to whoever has it now. */
export class PartitionRevokedError extends Error {
  readonly code = 'partition-revoked';
  readonly retriable = false;

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {
    super(`${topic}/${partition} is no longer this subscription's`);
    this.name = 'PartitionRevokedError';
  }
}
