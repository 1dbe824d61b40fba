/** The log, or this subscription, has been closed. */
export class EventLogClosedError extends Error {
  readonly code = 'event-log-closed';
  readonly retriable = false;

  constructor() {
    super('The event log is closed');
    this.name = 'EventLogClosedError';
  }
}
