import { Inject, Injectable } from '@nestjs/common';
import {
  EventPublishers,
  externalHolderId,
  ProblemError,
  RecordingLifecycle,
  recordingNowMs,
  type EventPublisher,
  type PublishedEvent,
} from '@rushes/platform';
import { RecordingStore } from './recording-store.ts';
import type { PresencePath, Presence } from './schemas.ts';

/** How long the caller waits for the event log. Milliseconds. */
const withinMs = 5_000;

/**
 * Who comes and goes in a meeting that is held elsewhere. Each may be said again, by any process: a presence begins once and
 * ends once.
 */
@Injectable()
export class ExternalPresences {
  private readonly publisher: EventPublisher;

  constructor(
    @Inject(RecordingStore) private readonly store: RecordingStore,
    @Inject(RecordingLifecycle) private readonly lifecycle: RecordingLifecycle,
    @Inject(EventPublishers) publishers: EventPublishers,
  ) {
    this.publisher = publishers.create('presences');
  }

  /** @throws ProblemError 404 `recording-not-found`, 409 `recording-ended` or `recording-not-external` */
  begin(path: PresencePath, { name, role }: Presence): Promise<void> {
    const { presenceId } = path;
    return this.publish(path, 0, { type: 'rushes.participant.joined.v1', data: { name, role, presenceId } });
  }

  /** @throws ProblemError as `begin` */
  end(path: PresencePath): Promise<void> {
    return this.publish(path, 1, { type: 'rushes.participant.left.v1', data: { presenceId: path.presenceId } });
  }

  private async publish(
    { recordingId, participantId, presenceId }: PresencePath,
    seq: number,
    event: Pick<PublishedEvent, 'type' | 'data'>,
  ): Promise<void> {
    const row = await this.store.find(recordingId);
    if (!row) throw new ProblemError(404, 'recording-not-found', 'There is no such recording.');
    if (row.holderId !== externalHolderId) {
      throw new ProblemError(409, 'recording-not-external', 'The recording’s room says itself who is in it.');
    }
    if (row.status !== 'recording') {
      throw new ProblemError(409, 'recording-ended', 'The recording has ended: it takes no more events.');
    }
    const position = { source: `services/presences/${recordingId}.${participantId}.${presenceId}`, seq };
    const atMs = recordingNowMs(row.recordedAt);
    await this.publisher.publish(recordingId, { ...event, atMs, participantId }, { position, withinMs });
    this.lifecycle.heard(recordingId);
  }
}
