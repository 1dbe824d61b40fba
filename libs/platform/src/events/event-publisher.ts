import {
  createEventParser,
  wrapEvent,
  type EventEnvelope,
  type ParticipantId,
  type RecordingId,
  type TimelineEvent,
} from '@rushes/timeline';
import { topics, type EventLog, type Topic } from '@rushes/event-log';
import { monotonicEpochMs } from '../clock/recording-clock.ts';

export type PublishedEvent = {
  type: TimelineEvent['type'];
  /** On the recording clock; rounded to whole milliseconds. */
  atMs: number;
  participantId?: ParticipantId | undefined;
  data: unknown;
};

const parser = createEventParser();

/**
 * One service's voice in the event log. Counts its own `seq` from 0, so `source` must be new with every process;
 * take it from `EventPublishers.create`.
 */
export class EventPublisher {
  #nextSeq = 0;

  constructor(
    private readonly eventLog: EventLog,
    /** `services/<name>/<instanceId>` */
    readonly source: string,
  ) {}

  /**
   * Appends an event; resolves when it is durable. Calls keep their order, also without waiting.
   * @throws TimelineError when the event is not as the catalogue says; nothing is appended then.
   */
  async publish(recordingId: RecordingId, event: PublishedEvent): Promise<EventEnvelope> {
    const parsed = parser.parse({ ...event, atMs: Math.max(0, Math.round(event.atMs)) });
    const envelope = wrapEvent(parsed, {
      recordingId,
      source: this.source,
      seq: this.#nextSeq++,
      nowMs: monotonicEpochMs(),
    });
    await this.eventLog.append(topicOf(parsed.type), [envelope]);
    return envelope;
  }
}

/** The topic that events of a type belong to. */
export function topicOf(type: string): Topic {
  return type.startsWith('rushes.dom.') ? topics.dom : topics.events;
}
