import { TimelineError } from '@rushes/timeline';

export type PoisonCode = 'event-invalid' | 'no-snapshot' | 'claim-missing' | 'claim-damaged';

/** A record that nobody could ever take: it goes to the dead letters, and the next one is taken. */
export class PoisonError extends Error {
  readonly retriable = false;

  constructor(
    readonly code: PoisonCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'PoisonError';
  }
}

/** The reason why a record is poison, or undefined when trying again may help. */
export function toPoison(error: unknown): PoisonError | undefined {
  if (error instanceof PoisonError) return error;
  if (error instanceof TimelineError && error.code !== 'chunk-unreadable') {
    return new PoisonError('event-invalid', error.message, { cause: error });
  }
  return undefined;
}
