import type { EventEnvelope } from '@rushes/timeline';
import { EventLogClosedError } from '../errors.ts';
import { EventLog, type SubscribeOptions, type Subscription, type Topic } from '../event-log.ts';
import { AppendQueue } from './append-queue.ts';
import { EmbeddedSubscription, type DeliveryFailure } from './embedded-subscription.ts';
import { GroupProgress } from './group-progress.ts';
import { LogTable, type LogDatabase } from './log-table.ts';

export type EmbeddedEventLogOptions = {
  /** A batch handed to `onRecords` holds at most so many records. Default 500. */
  maxRecords?: number;
  /** … and ends with the record that reaches this many bytes of JSON. Default 4 MB. */
  maxBytes?: number;
  /** Pause before records that `onRecords` rejected are delivered again; doubles up to `maxRetryMs`. Default 100 and 10 000. */
  firstRetryMs?: number;
  maxRetryMs?: number;
  /** How often the log is looked at for what other processes may have appended. Default 1 000. */
  pollMs?: number;
  /** Told of every delivery that failed and will be tried again. Default: a process warning. */
  onFailure?: (failure: DeliveryFailure) => void;
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
  #poll: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(database: LogDatabase, options: EmbeddedEventLogOptions = {}) {
    super();
    this.#table = new LogTable(database);
    this.#queue = new AppendQueue(async (topic, events) => {
      this.#noteHead(topic, await this.#table.append(topic, events));
    });
    this.#options = {
      maxRecords: options.maxRecords ?? 500,
      maxBytes: options.maxBytes ?? 4_000_000,
      firstRetryMs: options.firstRetryMs ?? 100,
      maxRetryMs: options.maxRetryMs ?? 10_000,
      pollMs: options.pollMs ?? 1_000,
      onFailure: options.onFailure ?? warnOfFailure,
    };
  }

  /** @throws EventLogClosedError */
  async append(topic: Topic, events: readonly EventEnvelope[]): Promise<void> {
    if (this.#closing) throw new EventLogClosedError();
    if (events.length === 0) return;
    await this.#queue.add(
      topic,
      events.map((event) => ({ recordingId: event.recordingid, json: JSON.stringify(event) })),
    );
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
      subscribe: options,
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
    await this.#queue.drain();
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
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

function warnOfFailure({ group, error, attempt, retryInMs }: DeliveryFailure): void {
  const reason = error instanceof Error ? error.message : String(error);
  process.emitWarning(
    `Group ${group} failed to take its records (attempt ${attempt}): ${reason}. Again in ${retryInMs} ms.`,
  );
}
