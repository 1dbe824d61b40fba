import { monotonicEpochMs } from '@rushes/platform';
import type { EventPublisher } from '@rushes/platform';
import type { Gap, ParticipantId, TrackMedia } from '@rushes/timeline';
import type { RecordedTrack } from './recorded-track.ts';
import type { TrackRows } from './track-rows.ts';

type AnnouncedTrack = RecordedTrack & { participantId: ParticipantId };

/**
 * Tells the stream what is known of an ended track, after its row says it. May be repeated: of what is said of a track the
 * newest counts, so a track that is derived twice has what the second derivation found, and nothing is counted twice.
 */
export class TrackAnnouncer {
  constructor(private readonly parts: { publisher: EventPublisher; rows: TrackRows }) {}

  /** @param media null when nothing that can be decoded ever came */
  async derived(track: AnnouncedTrack, media: TrackMedia | null, gaps: readonly Gap[]): Promise<void> {
    await this.gapsFound(track, gaps);
    if (!media) return;
    const { key, startMs, durationMs, sizeBytes } = media;
    await this.publish(track, 'rushes.track.segment-stored.v1', { key, startMs, durationMs, sizeBytes });
  }

  /** Also without any: then there are none any more. */
  async gapsFound(track: AnnouncedTrack, gaps: readonly Gap[]): Promise<void> {
    await this.publish(track, 'rushes.track.gaps-found.v1', { gaps });
  }

  private async publish(
    { recordingId, trackId, participantId }: AnnouncedTrack,
    type: 'rushes.track.segment-stored.v1' | 'rushes.track.gaps-found.v1',
    facts: object,
  ): Promise<void> {
    const { endedAtMs, recordedAt } = await this.parts.rows.findRecording(recordingId);
    const atMs = endedAtMs ?? monotonicEpochMs() - recordedAt;
    await this.parts.publisher.publish(recordingId, { type, atMs, participantId, data: { trackId, ...facts } });
  }
}
