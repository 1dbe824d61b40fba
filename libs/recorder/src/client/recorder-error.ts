/** Why a recorder elsewhere does not take a track. */
export class RecorderError extends Error {
  constructor(
    /** Kebab-case, stable: `api-key-invalid`, `recording-not-found`, `recorder-unreachable`. */
    readonly code: string,
    message: string,
    /** Whether the same may succeed later. */
    readonly retriable: boolean,
    options: ErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'RecorderError';
  }
}
