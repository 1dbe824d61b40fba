import type { SignallingErrorCode } from '../protocol/answers.ts';

const retriable: ReadonlySet<SignallingErrorCode> = new Set(['too-many-requests', 'unavailable', 'internal']);

/** A request that is refused; `message` is shown to the page. */
export class SignallingError extends Error {
  /** Whether the same request may succeed later. */
  readonly retriable: boolean;

  constructor(
    readonly code: SignallingErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'SignallingError';
    this.retriable = retriable.has(code);
  }
}
