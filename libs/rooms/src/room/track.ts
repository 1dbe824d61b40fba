import type { types as mediasoup } from 'mediasoup';
import type { ParticipantId, TrackId, TrackKind, TrackSource } from '@rushes/timeline';

export type PauseReason = 'muted' | 'camera-off';

/** One producer of a member. A source that is closed and opened again is another track. */
export type Track = {
  readonly trackId: TrackId;
  readonly participantId: ParticipantId;
  readonly kind: TrackKind;
  readonly source: TrackSource;
  readonly producer: mediasoup.Producer;
  paused: PauseReason | null;
};

/** MIME type as in RTP capabilities: `video/VP8`. */
export function codecOf(track: Pick<Track, 'producer' | 'kind'>): string {
  return track.producer.rtpParameters.codecs[0]?.mimeType ?? `${track.kind}/unknown`;
}
