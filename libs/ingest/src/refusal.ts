import type { CaptureRefusal } from '@rushes/timeline';

const retriableCodes: ReadonlySet<CaptureRefusal> = new Set(['rate-limited', 'unavailable']);

/** Why a message of a captured page is not taken. */
export class IngestRefusal extends Error {
  readonly retriable: boolean;
  /** The event at fault, when it is one. */
  readonly seq: number | undefined;
  /** Least wait before the next attempt, milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: CaptureRefusal,
    message: string,
    { seq, retryAfterMs, ...options }: ErrorOptions & { seq?: number; retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.name = 'IngestRefusal';
    this.retriable = retriableCodes.has(code);
    this.seq = seq;
    this.retryAfterMs = retryAfterMs;
  }
}
