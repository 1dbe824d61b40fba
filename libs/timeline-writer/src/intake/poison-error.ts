import { ClaimError, ObjectNotFoundError, ObjectStoreError } from '@rushes/object-store';
import { TimelineError } from '@rushes/timeline';

export type PoisonCode = 'event-invalid' | 'no-snapshot' | 'chunk-full' | 'timeline-damaged' | ClaimError['code'];

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

/**
 * The reason why a record is poison, or undefined when trying again may help. A stored chunk that is gone or unreadable stays
 * so: its recording's records are set aside, so that other recordings go on.
 */
export function toPoison(error: unknown): PoisonError | undefined {
  if (error instanceof PoisonError) return error;
  if (error instanceof ClaimError) return new PoisonError(error.code, error.message, { cause: error });
  if (error instanceof ObjectNotFoundError) return new PoisonError('timeline-damaged', error.message, { cause: error });
  if (!(error instanceof TimelineError)) return undefined;
  const code = error.code === 'chunk-unreadable' ? 'timeline-damaged' : 'event-invalid';
  return new PoisonError(code, error.message, { cause: error });
}

/** A store that refuses this process (its key has expired) tells nothing of the record, which waits as in any outage. */
export function asOutage(error: unknown): unknown {
  if (!(error instanceof ObjectStoreError)) return error;
  return new Error(`the object store refuses: ${error.message}`, { cause: error });
}
