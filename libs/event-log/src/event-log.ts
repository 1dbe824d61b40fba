import type { EventEnvelope, RecordingId } from '@rushes/timeline';

/** `events`: interactive events, small, kept. `dom`: rrweb, bulky. `dead-letters`: what no consumer could take. */
export const topics = {
  events: 'rushes.events.v1',
  dom: 'rushes.dom.v1',
  deadLetters: 'rushes.dead-letters.v1',
} as const;
export type Topic = (typeof topics)[keyof typeof topics];

export type TopicPartition = { topic: Topic; partition: number };

/** One stored event and where it stands. `offset` rises within a partition; events of one recording share a partition. */
export type LogRecord = TopicPartition & { offset: number; event: EventEnvelope };

/** Why a record is set aside. `code` is for programs, `message` for people. */
export type DeadLetterReason = { code: string; message: string };

export type SubscribeOptions = {
  /** Subscriptions of one group share the work; each group sees every record. */
  group: string;
  topics: readonly Topic[];
  /** Where a group without a checkpoint begins. Default `beginning`. */
  from?: 'beginning' | 'end';
  /**
   * `auto` (default): the checkpoint moves when `onRecords` resolves.
   * `manual`: only when the consumer calls {@link Subscription.checkpoint}.
   */
  checkpoints?: 'auto' | 'manual';
  /**
   * Gets records in order within a partition; is never called again before it has resolved (back-pressure).
   * When it rejects, the same records are delivered again after a pause: it must be idempotent. It may take any time.
   *
   * A record that it keeps rejecting with an error that is no outage (`retriable: false`, or a fault of the program such as
   * a TypeError) is set aside as a dead letter, so that it does not block its partition; anything else is tried for ever.
   */
  onRecords(records: readonly LogRecord[]): Promise<void>;
  /**
   * These partitions are another member's now, or begin again from their checkpoint: what the consumer holds of their records
   * and has not checkpointed is to be dropped. Never called during `onRecords`; nothing is handed over before it has resolved.
   */
  onRevoked?(partitions: readonly TopicPartition[]): Promise<void>;
};

export type Subscription = {
  /**
   * Durably notes that everything up to and including `record` in its partition is done. Never moves backwards.
   * @throws PartitionRevokedError when the partition is another's by now
   */
  checkpoint(record: LogRecord): Promise<void>;
  /**
   * Resolves when every record that was in the log at the time of the call (only those of one recording's partitions, if
   * it is given) has been handed over and `onRecords` resolved. What other processes' members were handed counts when
   * they have checkpointed it.
   */
  whenCaughtUp(recordingId?: RecordingId): Promise<void>;
  /** Records in the log that this group has not been handed. */
  lag(): Promise<number>;
  /** Whether this member is the one that is handed the records of this recording now. */
  owns(recordingId: RecordingId): boolean;
  /** Durably sets a record aside, for a person to look at; the caller goes on to the next. */
  deadLetter(record: LogRecord, reason: DeadLetterReason): Promise<void>;
  /** Stops deliveries, waits for a running `onRecords`. Idempotent. */
  close(): Promise<void>;
};

/**
 * The ordered, durable log that every part of the product meets in.
 *
 * An adapter guarantees:
 * - `append` resolves only when the events are durable (they survive a kill −9 of this process), and
 *   keeps the order of the events of one recording, also across concurrent calls in the order of the calls;
 * - at-least-once delivery: a record not covered by a checkpoint is delivered again after a restart;
 * - what is no envelope is never handed over: it goes to the dead letters.
 *
 * It does not validate what is appended, and it may store a repeated `source` + `seq` again: consumers recognise the pair.
 * Closing the log closes its subscriptions.
 */
export abstract class EventLog {
  /** @throws EventLogUnavailableError, EventRefusedError, EventLogClosedError */
  abstract append(topic: Topic, events: readonly EventEnvelope[]): Promise<void>;
  abstract subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Rejects when the log cannot be reached; answers within seconds. */
  abstract check(): Promise<void>;
  abstract close(): Promise<void>;
}
