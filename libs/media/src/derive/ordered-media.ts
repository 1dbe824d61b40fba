import { Reorderer } from '../rtp/reorder.ts';
import type { Ordered } from '../rtp/reorder.ts';
import { readTrack } from '../track/read-track.ts';
import type { MediaPacket } from '../track/read-track.ts';
import type { StoredTrack } from '../track/stored-track.ts';

/**
 * A track's packets in order of their sequence numbers. When the sender goes over to another SSRC (a layer switch), the
 * old one's packets come first.
 */
export async function* readOrderedMedia(
  track: StoredTrack,
  signal: AbortSignal | undefined,
): AsyncGenerator<Ordered<MediaPacket>, void, undefined> {
  let current: { ssrc: number; reorderer: Reorderer<MediaPacket> } | undefined;
  for await (const entry of readTrack(track)) {
    signal?.throwIfAborted();
    if (entry.kind !== 'media') continue;
    if (entry.ssrc !== current?.ssrc) {
      if (current) yield* current.reorderer.flush();
      current = { ssrc: entry.ssrc, reorderer: new Reorderer() };
    }
    yield* current.reorderer.push(entry);
  }
  if (current) yield* current.reorderer.flush();
}
