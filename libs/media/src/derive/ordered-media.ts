import { Reorderer } from '../rtp/reorder.ts';
import type { Ordered } from '../rtp/reorder.ts';
import { readTrack } from '../track/read-track.ts';
import type { MediaPacket } from '../track/read-track.ts';
import type { StoredTrack } from '../track/stored-track.ts';
import type { DeriveJob } from './derive-track.ts';

/** `atMs`: the packet's instant on the recording clock. */
export type PlacedMedia = Ordered<MediaPacket> & { atMs: number };

/** No packet comes so much later than it was captured, and none before. Further off is a damaged or a lying clock. */
const mostOffMs = 60_000;

/**
 * A track's packets in order of their sequence numbers, with their instants on the recording clock. When the sender goes over to
 * another SSRC (a layer switch), the old one's packets come first. What stands nowhere near its arrival counts as lost.
 */
export async function* readOrderedMedia({
  track,
  atMsOf,
  signal,
}: Pick<DeriveJob, 'track' | 'atMsOf' | 'signal'>): AsyncGenerator<PlacedMedia, void, undefined> {
  let leftOut = 0;
  for await (const { packet, lostBefore } of inOrder(track, signal)) {
    const atMs = atMsOf(packet.ssrc, packet.ticks);
    if (Math.abs(atMs - packet.atMs) > mostOffMs) {
      leftOut += 1 + lostBefore;
      continue;
    }
    yield { packet, lostBefore: lostBefore + leftOut, atMs };
    leftOut = 0;
  }
}

async function* inOrder(
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
