import type { FeedRefusal } from './feed-protocol.ts';

/** Why a track is not taken. */
export class FeedRefused extends Error {
  constructor(
    readonly code: FeedRefusal['code'],
    message: string,
  ) {
    super(message);
    this.name = 'FeedRefused';
  }
}
