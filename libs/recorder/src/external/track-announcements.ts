import type { TrackHeader, TrackNote } from '@rushes/media';
import type { EventPublisher, Logger, PublishedEvent } from '@rushes/platform';
import type { RecordingId } from '@rushes/timeline';
import type { FeedPresence } from '../feed/feed-protocol.ts';

export type AnnouncedTrack = { recordingId: RecordingId; header: TrackHeader; presence: FeedPresence | null };

/** Says in the event log what a room of ours would say of its tracks and who sends them. */
export class TrackAnnouncements {
  constructor(private readonly parts: { publisher: EventPublisher; logger: Logger }) {}

  began(track: AnnouncedTrack): void {
    const { trackId, participantId, media: kind, source, codec, startMs: atMs } = track.header;
    if (track.presence) {
      const joined = { type: 'rushes.participant.joined.v1', atMs, participantId, data: track.presence } as const;
      this.publish(track, joined, positionOf(track, track.presence, 'joined'));
    }
    const data = { trackId, kind, source, codec };
    this.publish(track, { type: 'rushes.track.started.v1', atMs, participantId, data });
    if (source !== 'screen') return;
    this.publish(track, { type: 'rushes.screen.share-started.v1', atMs, participantId, data: { trackId } });
  }

  noted(track: AnnouncedTrack, note: TrackNote): void {
    const { trackId, participantId } = track.header;
    const { atMs } = note;
    if (note.kind === 'paused') {
      const data = { trackId, reason: note.reason };
      this.publish(track, { type: 'rushes.track.paused.v1', atMs, participantId, data });
    } else if (note.kind === 'resumed') {
      this.publish(track, { type: 'rushes.track.resumed.v1', atMs, participantId, data: { trackId } });
    }
  }

  /** @param gone ids of the participant's presences that have ended too */
  ended(track: AnnouncedTrack, atMs: number, gone: readonly string[]): void {
    const { trackId, participantId, source } = track.header;
    if (source === 'screen') {
      this.publish(track, { type: 'rushes.screen.share-stopped.v1', atMs, participantId, data: { trackId } });
    }
    this.publish(track, { type: 'rushes.track.ended.v1', atMs, participantId, data: { trackId } });
    for (const presenceId of new Set(gone)) {
      const left = { type: 'rushes.participant.left.v1', atMs, participantId, data: { presenceId } } as const;
      this.publish(track, left, positionOf(track, { presenceId }, 'left'));
    }
  }

  private publish(
    { recordingId }: AnnouncedTrack,
    event: PublishedEvent,
    position?: { source: string; seq: number },
  ): void {
    const { publisher, logger } = this.parts;
    publisher
      .publish(recordingId, event, position === undefined ? {} : { position })
      .catch((err: unknown) =>
        logger.error({ err, recordingId, type: event.type }, 'event of a track was not recorded'),
      );
  }
}

/** Each track of a presence says that it began: it is one event, wherever the tracks are recorded. */
function positionOf(
  { recordingId, header: { participantId } }: AnnouncedTrack,
  { presenceId }: Pick<FeedPresence, 'presenceId'>,
  what: 'joined' | 'left',
): { source: string; seq: number } {
  const source = `services/presences/${recordingId}.${participantId}.${presenceId}`;
  return { source, seq: what === 'joined' ? 0 : 1 };
}
