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
}
