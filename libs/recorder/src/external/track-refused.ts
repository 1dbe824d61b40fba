/** Why a track is not taken: what the API and the feed say of it. */
export class TrackRefused extends Error {
  constructor(
    readonly code:
      'malformed' | 'recording-not-found' | 'recording-over' | 'track-exists' | 'track-elsewhere' | 'track-lost',
    message: string,
  ) {
    super(message);
    this.name = 'TrackRefused';
  }
}
