export type MediaErrorCode = 'rtpdump-unreadable' | 'notes-unreadable' | 'codec-unsupported' | 'media-unreadable';

/** Stored media is not what its format says; trying again does not help. */
export class MediaError extends Error {
  readonly retriable = false;

  constructor(
    readonly code: MediaErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'MediaError';
  }
}
