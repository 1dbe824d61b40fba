export type RenderErrorCode =
  /** What was asked for cannot be rendered from this recording. */
  | 'request-invalid'
  /** No chromium-headless-shell on this machine. */
  | 'browser-missing'
  /** The browser or its page failed. */
  | 'page-failed'
  /** The finished file is not what was promised; it is not published. */
  | 'verification-failed';

/** An export that could not be made. */
export class RenderError extends Error {
  /** Whether the same job may work when tried again. */
  readonly retriable: boolean;

  constructor(
    readonly code: RenderErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'RenderError';
    this.retriable = code === 'page-failed';
  }
}
