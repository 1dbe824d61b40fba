import { topics, type EventLog, type LogRecord } from '@rushes/event-log';
import { monotonicEpochMs, newId } from '@rushes/platform';
import { wrapEvent } from '@rushes/timeline';
import type { PoisonError } from './poison-error.ts';

/** Keeps records that could not be taken, with the reason, for a person to look at. */
export class DeadLetters {
  readonly #source = `services/timeline-writer/${newId()}`;
  #nextSeq = 0;

  constructor(private readonly eventLog: EventLog) {}

  async add({ topic, partition, offset, event }: LogRecord, poison: PoisonError): Promise<void> {
    const data = { code: poison.code, reason: poison.message, topic, partition, offset, event };
    const recordingId = typeof event.recordingid === 'string' ? event.recordingid : 'unknown';
    const letter = wrapEvent(
      { type: 'rushes.dead-letter.noted.v1', atMs: 0, data },
      { recordingId, source: this.#source, seq: this.#nextSeq++, nowMs: monotonicEpochMs() },
    );
    await this.eventLog.append(topics.deadLetters, [letter]);
  }
}
