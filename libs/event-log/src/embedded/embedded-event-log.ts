import type { EventEnvelope } from '@rushes/timeline';
import { DeadLetterWriter } from '../dead-letters/dead-letter.ts';
import { completeDeliveryOptions, type DeliveryOptions } from '../delivery/delivery-options.ts';
import { EventLogClosedError } from '../errors.ts';
import { EventLog, topics, type SubscribeOptions, type Subscription, type Topic } from '../event-log.ts';
import { AppendQueue } from './append-queue.ts';
import { EmbeddedSubscription } from './embedded-subscription.ts';
import { GroupProgress } from './group-progress.ts';
import { LogTable, type LogDatabase } from './log-table.ts';

export type EmbeddedEventLogOptions = DeliveryOptions & {
  /** How often the log is looked at for what other processes may have appended. Default 1 000. */
  pollMs?: number;
  /** How long each topic's events are kept, milliseconds; without, or -1: for ever. */
  retentionMs?: Partial<Record<Topic, number>>;
  /** How often what is older is deleted, milliseconds. Default 10 minutes. */
  pruneEveryMs?: number;
};

const pruneAtOnce = 2_000;

/**
 * The event log of one machine, in two tables of its database. Appends share commits; consumers in this process are woken
 * when something lands. Close it before the database.
 */
export class EmbeddedEventLog extends EventLog {
  readonly #table: LogTable;
  readonly #queue: AppendQueue;
  readonly #options: Required<EmbeddedEventLogOptions>;
  readonly #heads = new Map<string, number>();
  readonly #subscriptions = new Set<EmbeddedSubscription>();
  readonly #progress = new Map<string, GroupProgress>();
  readonly #deadLetters = new DeadLetterWriter('event-log');
  #poll: NodeJS.Timeout | undefined;
  #pruning: NodeJS.Timeout | undefined;
  #pruned: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(database: LogDatabase, options: EmbeddedEventLogOptions = {}) {
    super();
    this.#table = new LogTable(database);
    this.#queue = new AppendQueue(async (topic, events) => {
      this.#noteHead(topic, await this.#table.append(topic, events));
    });
    const { pollMs = 1_000, retentionMs = {}, pruneEveryMs = 600_000 } = options;
    this.#options = { ...completeDeliveryOptions(options), pollMs, retentionMs, pruneEveryMs };
    if (Object.values(retentionMs).some((ms) => ms >= 0)) {
      this.#pruning = setInterval(() => void this.#pruneAll(), pruneEveryMs).unref();
    }
  }

  /** @throws EventLogClosedError */
  async append(topic: Topic, events: readonly EventEnvelope[]): Promise<void> {
    if (this.#closing) throw new EventLogClosedError();
    if (events.length > 0) await this.#append(topic, events);
  }

  async check(): Promise<void> {
    await this.#table.heads();
  }

  /** @throws EventLogClosedError */
  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    if (this.#closing) throw new EventLogClosedError();
    await this.#lookAtHeads();
    if (options.from === 'end') await this.#startAtEnd(options);
    if (this.#closing) throw new EventLogClosedError();
    const progress = options.topics.map((topic) => this.#progressOf(options.group, topic));
    const subscription: EmbeddedSubscription = new EmbeddedSubscription({
      ...this.#options,
      // A letter that is written while the log is being closed still has its place.
      log: { append: (topic, events) => this.#append(topic, events) },
      subscribe: options,
      deadLetters: this.#deadLetters,
      table: this.#table,
      progress,
      headOf: (topic) => this.#heads.get(topic) ?? 0,
      onClosed: () => this.#forget(subscription),
    });
    this.#subscriptions.add(subscription);
    this.#poll ??= setInterval(() => void this.#lookAtHeads().catch(() => undefined), this.#options.pollMs).unref();
    return subscription;
  }

  /**
   * Deletes a topic's records that are older than `olderThanMs`, done or not: retention is by age, as on Kafka.
   * @returns how many were deleted
   */
  async prune(topic: Topic, olderThanMs: number): Promise<number> {
    const before = new Date(Date.now() - olderThanMs);
    let deleted = 0;
    for (;;) {
      const count = await this.#table.deleteOldest(topic, before, pruneAtOnce);
      if (count === 0) break;
      deleted += count;
    }
    if (deleted > 0) await this.#table.vacuum();
    return deleted;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#poll);
    clearInterval(this.#pruning);
    await this.#pruned;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#queue.drain();
  }

  async #pruneAll(): Promise<void> {
    this.#pruned ??= this.#pruneEach().finally(() => (this.#pruned = undefined));
    await this.#pruned;
  }

  async #pruneEach(): Promise<void> {
    const { retentionMs, pruneEveryMs, onFailure } = this.#options;
    for (const topic of Object.values(topics)) {
      const olderThanMs = retentionMs[topic] ?? -1;
      if (olderThanMs < 0 || this.#closing) continue;
      await this.prune(topic, olderThanMs).catch((error: unknown) =>
        onFailure({ group: 'retention', error, attempt: 1, retryInMs: pruneEveryMs }),
      );
    }
  }

  async #append(topic: Topic, events: readonly EventEnvelope[]): Promise<void> {
    await this.#queue.add(
      topic,
      events.map((event) => ({ recordingId: event.recordingid, json: JSON.stringify(event) })),
    );
  }

  /** A group that starts at the end keeps that place: what comes later is not lost when it starts again. */
  async #startAtEnd({ group, topics }: SubscribeOptions): Promise<void> {
    for (const topic of topics) {
      const checkpoint = await this.#table.readCheckpoint(group, topic);
      if (checkpoint === undefined) await this.#table.writeCheckpoint(group, topic, this.#heads.get(topic) ?? 0);
    }
  }

  async #lookAtHeads(): Promise<void> {
    for (const [topic, head] of await this.#table.heads()) this.#noteHead(topic, head);
  }

  #noteHead(topic: string, head: number): void {
    if (head <= (this.#heads.get(topic) ?? 0)) return;
    this.#heads.set(topic, head);
    for (const subscription of this.#subscriptions) subscription.wake();
  }

  #progressOf(group: string, topic: Topic): GroupProgress {
    const key = `${topic}/${group}`;
    const known = this.#progress.get(key);
    if (known) return known;
    const progress = new GroupProgress(group, topic, this.#table);
    this.#progress.set(key, progress);
    return progress;
  }

  #forget(subscription: EmbeddedSubscription): void {
    this.#subscriptions.delete(subscription);
    for (const [key, progress] of this.#progress) if (progress.isDeserted) this.#progress.delete(key);
  }
}
