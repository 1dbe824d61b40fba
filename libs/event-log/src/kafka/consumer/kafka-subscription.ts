import type { Consumer, Kafka, KafkaMessage } from 'kafkajs';
import type { RecordingId } from '@rushes/timeline';
import type { DeadLetterWriter, RawRecord } from '../../dead-letters/dead-letter.ts';
import type { DeliveryOptions } from '../../delivery/delivery-options.ts';
import { describeFailure, handOver } from '../../delivery/record-handover.ts';
import { RetryPause } from '../../delivery/retry-pause.ts';
import { WakeUp } from '../../delivery/wake-up.ts';
import { EventLogClosedError, PartitionRevokedError } from '../../errors.ts';
import {
  topics,
  type DeadLetterReason,
  type EventLog,
  type LogRecord,
  type SubscribeOptions,
  type Subscription,
} from '../../event-log.ts';
import type { TopicSettings } from '../topics/topic-definitions.ts';
import { Assignment } from './assignment.ts';
import { CommitQueue } from './commit-queue.ts';
import { decodeMessage, toRawRecord } from './decode-message.ts';
import { GroupMember } from './group-member.ts';
import type { GroupOffsets, PartitionKey } from './group-offsets.ts';
import { GroupProgress } from './group-progress.ts';
import type { PartitionState } from './partition-state.ts';

export type KafkaSubscriptionOptions = {
  log: Pick<EventLog, 'append'>;
  kafka: Kafka;
  groupId: string;
  topicPrefix: string;
  settings: TopicSettings;
  subscribe: SubscribeOptions;
  offsets: GroupOffsets;
  /** Where partitions without a checkpoint begin; their first record if it is not in here. */
  startAt: ReadonlyMap<PartitionKey, number>;
  delivery: Required<DeliveryOptions>;
  deadLetters: DeadLetterWriter;
  onClosed: () => void;
};

/**
 * One member of a consumer group. kafkajs only fetches, into a bounded store, and so keeps its place in the group however long
 * the consumer takes; a loop of its own hands the records over.
 */
export class KafkaSubscription implements Subscription {
  readonly #options: KafkaSubscriptionOptions;
  readonly #retry: RetryPause;
  readonly #assignment: Assignment;
  readonly #progress: GroupProgress;
  readonly #commits: CommitQueue;
  readonly #wakeUp = new WakeUp();
  readonly #begun = Promise.withResolvers<void>();
  readonly #living: Promise<void>;
  readonly #delivering: Promise<void>;
  #member: GroupMember | undefined;
  #joins = 0;
  #isCommitted = false;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaSubscriptionOptions) {
    this.#options = options;
    const { topics: subscribed, group } = options.subscribe;
    this.#retry = new RetryPause(group, options.delivery);
    this.#assignment = new Assignment({ ...options, topics: subscribed });
    const { retry, assignment } = { retry: this.#retry, assignment: this.#assignment };
    this.#progress = new GroupProgress({ ...options, topics: subscribed, assignment, retry });
    this.#commits = new CommitQueue({
      commit: (offsets) => this.#commit(offsets),
      pause: (error, attempt) => this.#retry.afterFailure(error, attempt),
      revoked: ({ at }) => new PartitionRevokedError(at.topic, at.partition),
      closed: () => new EventLogClosedError(),
    });
    this.#begun.promise.catch(() => undefined);
    this.#living = this.#live();
    this.#delivering = this.#deliverAll();
  }

  /** Resolves when this member has joined its group and noted where it begins. */
  whenBegun(): Promise<void> {
    return this.#begun.promise;
  }

  async checkpoint({ topic, partition, offset }: LogRecord): Promise<void> {
    const state = this.#assignment.get(topic, partition);
    if (!state?.isReady) throw new PartitionRevokedError(topic, partition);
    const next = state.checkpointAfter(offset + 1);
    if (next !== undefined) await this.#commits.add(state, next);
  }

  whenCaughtUp(recordingId?: RecordingId): Promise<void> {
    return this.#progress.whenCaughtUp(recordingId);
  }

  lag(): Promise<number> {
    return this.#progress.lag();
  }

  owns(recordingId: RecordingId): boolean {
    return this.#assignment.owns(recordingId);
  }

  async deadLetter({ event, ...at }: LogRecord, reason: DeadLetterReason): Promise<void> {
    await this.#setAside({ ...at, key: event.recordingid, value: Buffer.from(JSON.stringify(event)) }, reason);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#retry.close();
    this.#progress.note();
    this.#wakeUp.set();
    await this.#delivering;
    await this.#commits.drain();
    this.#member?.leave();
    await this.#living;
    this.#begun.reject(new EventLogClosedError());
    this.#options.onClosed();
  }

  /** One kafkajs consumer after another, until it is closed. */
  async #live(): Promise<void> {
    const { kafka, groupId, topicPrefix, subscribe } = this.#options;
    for (let attempt = 1; !this.#retry.isClosed; attempt += 1) {
      const joinsBefore = this.#joins;
      this.#member = new GroupMember({
        kafka,
        groupId,
        topicNames: subscribe.topics.map((topic) => topicPrefix + topic),
        onAssigned: (consumer, assignment) => this.#assign(consumer, assignment),
        onBatch: (payload) => {
          if (this.#assignment.accept(payload)) this.#wakeUp.set();
        },
        onCommitted: () => (this.#isCommitted = true),
      });
      const error = await this.#member.live();
      if (this.#joins > joinsBefore) attempt = 1;
      this.#lose();
      await this.#retry.afterFailure(error, attempt);
    }
  }

  #assign(consumer: Consumer, assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#joins += 1;
    this.#assignment.replace(consumer, assignment);
    this.#wakeUp.set();
    void this.#begin(this.#joins);
  }

  /** Begins to fetch what has been assigned, unless something else is assigned before. */
  async #begin(join: number): Promise<void> {
    for (let attempt = 1; join === this.#joins; attempt += 1) {
      try {
        const placed = await this.#assignment.begin();
        await Promise.all(placed.map((state) => this.#commits.add(state, state.next)));
        this.#begun.resolve();
        this.#progress.note();
        return;
      } catch (error) {
        if (error instanceof PartitionRevokedError) return;
        if (!(await this.#retry.afterFailure(error, attempt))) return;
      }
    }
  }

  #lose(): void {
    this.#joins += 1;
    this.#assignment.lose();
    this.#wakeUp.set();
  }

  async #deliverAll(): Promise<void> {
    while (!this.#retry.isClosed) {
      const state = this.#assignment.next();
      if (this.#assignment.hasLost) await this.#retry.insist(() => this.#tellOfLost());
      else if (state) await this.#deliver(state);
      else await this.#wakeUp.wait();
    }
  }

  #tellOfLost(): Promise<void> {
    return this.#assignment.tellOfLost(async (lost) => this.#options.subscribe.onRevoked?.(lost));
  }

  async #deliver(state: PartitionState): Promise<void> {
    const { maxRecords, maxBytes } = this.#options.delivery;
    const messages = state.take(maxRecords, maxBytes);
    this.#assignment.noteTaken(state);
    const next = Number(messages.at(-1)!.offset) + 1;
    const records = await this.#decode(state, messages);
    if (!records) return;
    const isTaken =
      records.length === 0 ||
      (await handOver(records, {
        onRecords: (each) => this.#options.subscribe.onRecords(each),
        deadLetter: async (record, reason) => {
          await this.deadLetter(record, reason);
          this.#passOver(state, record.offset);
        },
        pause: async (error, attempt) => (await this.#retry.afterFailure(error, attempt)) && !state.isRevoked,
      }));
    if (!isTaken || state.isRevoked) return;
    state.advance(next);
    if (this.#options.subscribe.checkpoints !== 'manual') this.#commits.add(state, next).catch(() => undefined);
    this.#progress.note();
  }

  /** Sets aside what is no envelope. @returns undefined when it was broken off */
  async #decode(state: PartitionState, messages: readonly KafkaMessage[]): Promise<LogRecord[] | undefined> {
    const records: LogRecord[] = [];
    for (const message of messages) {
      try {
        records.push(decodeMessage(state.at, message));
      } catch (error) {
        const raw = toRawRecord(state.at, message);
        const setAside = () => this.#setAside(raw, describeFailure(error));
        if (!(await this.#retry.insist(setAside, () => !state.isRevoked))) return undefined;
        this.#passOver(state, raw.offset);
      }
    }
    return records;
  }

  #passOver(state: PartitionState, offset: number): void {
    const next = state.passOver(offset);
    if (next !== undefined) this.#commits.add(state, next).catch(() => undefined);
  }

  /** What is wrong among the dead letters themselves is only passed over. */
  async #setAside(record: RawRecord, reason: DeadLetterReason): Promise<void> {
    if (record.topic === topics.deadLetters) return;
    const { log, deadLetters, subscribe } = this.#options;
    await log.append(topics.deadLetters, [deadLetters.note(record, subscribe.group, reason)]);
  }

  /** kafkajs resolves without having committed when its consumer is stopping; its event tells. */
  async #commit(offsets: { topic: string; partition: number; offset: string }[]): Promise<void> {
    this.#isCommitted = false;
    await this.#member?.consumer.commitOffsets(offsets);
    if (!this.#isCommitted) throw new Error('the consumer is stopping');
  }
}
