import {
  createEventParser,
  wrapEvent,
  type EventEnvelope,
  type ParticipantId,
  type RecordingId,
  type TimelineEvent,
} from '@rushes/timeline';
import { topics, type Topic } from '@rushes/event-log';
import { monotonicEpochMs } from '../clock/recording-clock.ts';
import type { PublishQueue } from './publish-queue.ts';

export type PublishedEvent = {
  type: TimelineEvent['type'];
  /** On the recording clock; rounded to whole milliseconds. */
  atMs: number;
  participantId?: ParticipantId | undefined;
  data: unknown;
};

export type PublishOptions = {
  /** Gives up when the log has not taken the event by then, milliseconds. Default: waits until it does. */
  withinMs?: number;
  /**
   * Stands in for the publisher's own `source` and `seq`: for what several processes may say, who must not be taken as
   * saying it twice.
   */
  position?: { source: string; seq: number };
};

const parser = createEventParser();

/**
 * One service's voice in the event log. Counts its own `seq` from 0, so `source` must be new with every process;
 * take it from `EventPublishers.create`.
 */
export class EventPublisher {
  #nextSeq = 0;

  constructor(
    private readonly queue: PublishQueue,
    /** `services/<name>/<instanceId>` */
    readonly source: string,
  ) {}

  /**
   * Appends an event; resolves when it is durable. Calls keep their order, also without waiting. While the log is away events
   * wait in memory and go out in order when it is back.
   * @throws TimelineError when the event is not as the catalogue says; nothing is appended then. EventsOverflowError when too
   * many wait, EventTooLateError after `withinMs`.
   */
  async publish(
    recordingId: RecordingId,
    event: PublishedEvent,
    { withinMs, position }: PublishOptions = {},
  ): Promise<EventEnvelope> {
    const parsed = parser.parse({ ...event, atMs: Math.max(0, Math.round(event.atMs)) });
    const { source, seq } = position ?? { source: this.source, seq: this.#nextSeq++ };
    const envelope = wrapEvent(parsed, { recordingId, source, seq, nowMs: monotonicEpochMs() });
    await this.queue.add(topicOf(parsed.type), envelope, withinMs);
    return envelope;
  }
}

/** The topic that events of a type belong to. */
export function topicOf(type: string): Topic {
  return type.startsWith('rushes.dom.') ? topics.dom : topics.events;
}
