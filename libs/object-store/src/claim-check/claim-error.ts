export type ClaimErrorCode = 'claim-invalid' | 'claim-missing' | 'claim-damaged';

/** An event's data cannot be had from where the event says that it lies; trying again does not help. */
export class ClaimError extends Error {
  readonly retriable = false;

  constructor(
    readonly code: ClaimErrorCode,
    /** The object's key. */
    readonly key: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`dataref ${key}: ${problem}`, options);
    this.name = 'ClaimError';
  }
}
