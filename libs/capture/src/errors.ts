export type CaptureErrorCode = 'event-invalid' | 'event-unknown' | 'option-invalid' | 'stopped';

/** The caller asked for something that cannot be; trying again does not help. */
export class CaptureError extends Error {
  readonly retriable = false;

  constructor(
    readonly code: CaptureErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CaptureError';
  }
}
