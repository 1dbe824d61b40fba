import type { ParticipantId, RecordingId, RoomId, TimelineEvent, TrackId } from '@rushes/timeline';
import { recordingNowMs, type EventPublisher, type Logger } from '@rushes/platform';
import type { types as mediasoup } from 'mediasoup';
import type { RoomEvents } from '../room-events.ts';
import type { Member } from './member.ts';
import { codecOf, type PauseReason, type Track } from './track.ts';

export type RoomRecordingOptions = {
  recordingId: RecordingId;
  roomId: RoomId;
  /** Epoch milliseconds of the recording clock's zero. */
  recordedAt: number;
  title: string | null;
  /** The recording of this meeting that was cut short before it. */
  continuesRecordingId: RecordingId | null;
  /** Highest spatial layer to record, counted from 0; null: the highest there is. */
  highestLayer: number | null;
  publisher: EventPublisher;
  roomEvents: RoomEvents;
  logger: Logger;
};

type Fact = {
  type: TimelineEvent['type'];
  participantId: ParticipantId;
  data: unknown;
  /** On the recording clock; default now. */
  atMs?: number;
};

/** A room's side of one running recording: what goes into its log, and which producers the recorder is told of. */
export class RoomRecording {
  readonly #inFlight = new Set<Promise<void>>();

  constructor(private readonly options: RoomRecordingOptions) {}

  get recordingId(): RecordingId {
    return this.options.recordingId;
  }

  get title(): string | null {
    return this.options.title;
  }

  get continuesRecordingId(): RecordingId | null {
    return this.options.continuesRecordingId;
  }

  /** Now on the recording clock, milliseconds. */
  nowMs(): number {
    return recordingNowMs(this.options.recordedAt);
  }

  /** Sends a fact on its way, in the order of the calls; a failure is logged and does not reach the room. */
  publish(fact: Fact): void {
    const { publisher, recordingId, logger } = this.options;
    const sending = publisher
      .publish(recordingId, { ...fact, atMs: fact.atMs ?? this.nowMs() })
      .then(
        () => undefined,
        (err: unknown) => logger.error({ err, recordingId, type: fact.type }, 'event of the room was not recorded'),
      )
      .finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
  }

  /** Resolves when everything published so far is durable or has failed. */
  async whenPublished(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  /** Who was in the room when the recording began: present from its start. */
  announceMember({ participantId, presenceId, name, role }: Member): void {
    this.publish({
      type: 'rushes.participant.joined.v1',
      participantId,
      data: { name, role, presenceId },
      atMs: 0,
    });
  }

  /** A track that ran when the recording began: it starts now, since nothing of it was kept before. */
  announceTrack(router: mediasoup.Router, track: Track): void {
    for (const fact of trackFacts(track)) this.publish({ ...fact, participantId: track.participantId });
    this.offerTrack(router, track);
  }

  /** Offers a track to the recorder. */
  offerTrack(router: mediasoup.Router, { trackId, participantId, kind, source, producer, paused }: Track): void {
    const { roomEvents, recordingId, recordedAt, roomId, highestLayer } = this.options;
    const about = { recordingId, recordedAt, roomId, participantId, trackId, kind, source };
    roomEvents.emit('producer-opened', { router, producer, ...about, paused, highestLayer });
  }

  trackPaused(trackId: TrackId, reason: PauseReason): void {
    const { roomEvents, recordingId } = this.options;
    roomEvents.emit('producer-paused', { recordingId, trackId, atMs: this.nowMs(), reason });
  }

  trackResumed(trackId: TrackId): void {
    const { roomEvents, recordingId } = this.options;
    roomEvents.emit('producer-resumed', { recordingId, trackId, atMs: this.nowMs() });
  }

  trackClosed(trackId: TrackId): void {
    const { roomEvents, recordingId } = this.options;
    roomEvents.emit('producer-closed', { recordingId, trackId, atMs: this.nowMs() });
  }
}

/** The facts that bring a track, as it is now, onto a timeline. */
export function trackFacts(track: Track): { type: TimelineEvent['type']; data: unknown }[] {
  const { trackId, kind, source, paused } = track;
  const facts: { type: TimelineEvent['type']; data: unknown }[] = [
    { type: 'rushes.track.started.v1', data: { trackId, kind, source, codec: codecOf(track) } },
  ];
  if (paused) facts.push({ type: 'rushes.track.paused.v1', data: { trackId, reason: paused } });
  if (source === 'screen') facts.push({ type: 'rushes.screen.share-started.v1', data: { trackId } });
  return facts;
}
