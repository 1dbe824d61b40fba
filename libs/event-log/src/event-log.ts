import type { EventEnvelope } from '@rushes/timeline';

/** `events`: interactive events, small, kept. `dom`: rrweb, bulky. `dead-letters`: what no consumer could take. */
export const topics = {
  events: 'rushes.events.v1',
  dom: 'rushes.dom.v1',
  deadLetters: 'rushes.dead-letters.v1',
} as const;
export type Topic = (typeof topics)[keyof typeof topics];

/** One stored event and where it stands. `offset` rises within a partition; events of one recording share a partition. */
export type LogRecord = { topic: Topic; partition: number; offset: number; event: EventEnvelope };

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
   * When it rejects, the same records are delivered again after a pause: it must be idempotent.
   */
  onRecords(records: readonly LogRecord[]): Promise<void>;
};

export type Subscription = {
  /** Durably notes that everything up to and including `record` in its partition is done. Never moves backwards. */
  checkpoint(record: LogRecord): Promise<void>;
  /** Resolves when every record that was in the log at the time of the call has been handed over and `onRecords` resolved. */
  whenCaughtUp(): Promise<void>;
  /** Records in the log that this group has not been handed. */
  lag(): Promise<number>;
  /** Stops deliveries, waits for a running `onRecords`. Idempotent. */
  close(): Promise<void>;
};

/**
 * The ordered, durable log that every part of the product meets in.
 *
 * An adapter guarantees:
 * - `append` resolves only when the events are durable (they survive a kill −9 of this process), and
 *   keeps the order of the events of one recording, also across concurrent calls in the order of the calls;
 * - at-least-once delivery: a record not covered by a checkpoint is delivered again after a restart.
 *
 * It does not validate events, and it may store a repeated `source` + `seq` again: consumers recognise the pair.
 * Closing the log closes its subscriptions.
 */
export abstract class EventLog {
  abstract append(topic: Topic, events: readonly EventEnvelope[]): Promise<void>;
  abstract subscribe(options: SubscribeOptions): Promise<Subscription>;
  abstract close(): Promise<void>;
}
