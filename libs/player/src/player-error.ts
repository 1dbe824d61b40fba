export type PlayerErrorCode =
  | 'unauthorised'
  | 'not-found'
  | 'unreachable'
  | 'recording-invalid'
  | 'perspective-unknown'
  | 'media-failed'
  | 'play-not-allowed';

/** Playback cannot go on. `retriable` says whether the same request may succeed later. */
export class PlayerError extends Error {
  constructor(
    readonly code: PlayerErrorCode,
    message: string,
    readonly retriable: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'PlayerError';
  }

  /** The error itself, or one that says that something in the recording could not be replayed. */
  static from(cause: unknown): PlayerError {
    if (cause instanceof PlayerError) return cause;
    return new PlayerError('recording-invalid', cause instanceof Error ? cause.message : String(cause), false, {
      cause,
    });
  }
}
