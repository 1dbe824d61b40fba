/** So many events wait for the log that no more fit into memory: this one is lost. */
export class EventsOverflowError extends Error {
  readonly code = 'events-overflow';
  readonly retriable = true;

  constructor(
    readonly waitingEvents: number,
    readonly waitingBytes: number,
  ) {
    super(`${waitingEvents} events of ${waitingBytes} bytes wait for the event log already`);
    this.name = 'EventsOverflowError';
  }
}

/** The event log did not take an event in the time that it was given. It may be stored all the same. */
export class EventTooLateError extends Error {
  readonly code = 'event-too-late';
  readonly retriable = true;

  constructor(readonly withinMs: number) {
    super(`The event log did not take the event within ${withinMs} ms`);
    this.name = 'EventTooLateError';
  }
}
