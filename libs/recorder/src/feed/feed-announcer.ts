import type { TrackHeader, TrackNote } from '@rushes/media';
import type { EventPublisher, Logger, PublishedEvent } from '@rushes/platform';
import type { RecordingId } from '@rushes/timeline';
import type { FeedPresence } from './feed-protocol.ts';

type About = { recordingId: RecordingId; header: TrackHeader; presence: FeedPresence };

/** Says in the event log what a room of ours would say of its tracks and who sends them. */
export class FeedAnnouncer {
  constructor(private readonly parts: { publisher: EventPublisher; logger: Logger }) {}

  began({ recordingId, header, presence }: About): void {
    const { trackId, participantId, media: kind, source, codec, startMs: atMs } = header;
    const joined = { type: 'rushes.participant.joined.v1', atMs, participantId, data: presence } as const;
    this.publish(recordingId, joined, positionOf(presence, 'joined'));
    const data = { trackId, kind, source, codec };
    this.publish(recordingId, { type: 'rushes.track.started.v1', atMs, participantId, data });
    if (source !== 'screen') return;
    this.publish(recordingId, { type: 'rushes.screen.share-started.v1', atMs, participantId, data: { trackId } });
  }

  noted({ recordingId, header: { trackId, participantId } }: About, note: TrackNote): void {
    const { atMs } = note;
    if (note.kind === 'paused') {
      const data = { trackId, reason: note.reason };
      this.publish(recordingId, { type: 'rushes.track.paused.v1', atMs, participantId, data });
    } else if (note.kind === 'resumed') {
      this.publish(recordingId, { type: 'rushes.track.resumed.v1', atMs, participantId, data: { trackId } });
    }
  }

  /** @param isGone the participant's presence has ended too */
  ended({ recordingId, header, presence }: About, atMs: number, isGone: boolean): void {
    const { trackId, participantId, source } = header;
    if (source === 'screen') {
      this.publish(recordingId, { type: 'rushes.screen.share-stopped.v1', atMs, participantId, data: { trackId } });
    }
    this.publish(recordingId, { type: 'rushes.track.ended.v1', atMs, participantId, data: { trackId } });
    if (!isGone) return;
    const data = { presenceId: presence.presenceId };
    const left = { type: 'rushes.participant.left.v1', atMs, participantId, data } as const;
    this.publish(recordingId, left, positionOf(presence, 'left'));
  }

  private publish(recordingId: RecordingId, event: PublishedEvent, position?: { source: string; seq: number }): void {
    const { publisher, logger } = this.parts;
    publisher
      .publish(recordingId, event, position === undefined ? {} : { position })
      .catch((err: unknown) =>
        logger.error({ err, recordingId, type: event.type }, 'event of a track was not recorded'),
      );
  }
}

/** Each track of a presence says that it began: it is one event, wherever the tracks are recorded. */
function positionOf({ presenceId }: FeedPresence, what: 'joined' | 'left'): { source: string; seq: number } {
  return { source: `services/presences/${presenceId}`, seq: what === 'joined' ? 0 : 1 };
}
