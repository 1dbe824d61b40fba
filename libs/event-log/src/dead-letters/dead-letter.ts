import { randomUUID } from 'node:crypto';
import { wrapEvent, type EventEnvelope } from '@rushes/timeline';
import { z } from 'zod';
import { topics, type DeadLetterReason, type TopicPartition } from '../event-log.ts';

/** `data` of `rushes.dead-letter.noted.v2`: a record that a group could not take. */
export const deadLetterSchema = z.object({
  code: z.string(),
  reason: z.string(),
  group: z.string(),
  topic: z.enum(topics),
  partition: z.int().min(0),
  offset: z.int().min(0),
  /** The record's key as it stood in the log; cut off after 10 000 characters. */
  key: z.string().nullable(),
  /** Size of the record's value, bytes. */
  sizeBytes: z.int().min(0),
  /** The record's value as it stood in the log, base64; cut off after 5 MB. */
  value: z.base64(),
});
export type DeadLetterData = z.infer<typeof deadLetterSchema>;

/** `data` of `rushes.dead-letter.replayed.v1`: the dead letter of that number has been put back into its topic. */
export const replayNoteSchema = z.object({ id: z.string() });

export const deadLetterTypes = { noted: 'rushes.dead-letter.noted.v2', replayed: 'rushes.dead-letter.replayed.v1' };

/** So that a letter fits into its topic, in base64. */
const mostBytesKept = 5_000_000;
/** Of its reason, which may tell of each of a hundred thousand values, and of its key. */
const mostCharactersKept = 10_000;

/** A record in the log, as its bytes. */
export type RawRecord = TopicPartition & { offset: number; key: string | null; value: Buffer };

/** Dead letters of one process: each has a number of its own. */
export class DeadLetterWriter {
  readonly #source: string;
  #nextSeq = 0;

  /** @param service lower-case name of who says so */
  constructor(service: string) {
    this.#source = `services/${service}/${randomUUID().replaceAll('-', '')}`;
  }

  note(record: RawRecord, group: string, { code, message }: DeadLetterReason): EventEnvelope {
    const { topic, partition, offset } = record;
    const key = record.key?.slice(0, mostCharactersKept) ?? null;
    const data: DeadLetterData = {
      ...{ code, reason: message.slice(0, mostCharactersKept), group, topic, partition, offset, key },
      sizeBytes: record.value.length,
      value: record.value.subarray(0, mostBytesKept).toString('base64'),
    };
    return this.#wrap(deadLetterTypes.noted, key, data);
  }

  noteReplay(id: string, key: string | null): EventEnvelope {
    return this.#wrap(deadLetterTypes.replayed, key, { id });
  }

  /** A record without a usable recordingId still needs one in its letter's envelope. */
  #wrap(type: string, key: string | null, data: object): EventEnvelope {
    const recordingId = key !== null && /^[A-Za-z0-9][\w-]{0,63}$/.test(key) ? key : 'unknown';
    return wrapEvent(
      { type, atMs: 0, data },
      { recordingId, source: this.#source, seq: this.#nextSeq++, nowMs: Date.now() },
    );
  }
}
