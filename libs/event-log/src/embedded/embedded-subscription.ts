import { parseEnvelope, type RecordingId } from '@rushes/timeline';
import type { DeadLetterWriter, RawRecord } from '../dead-letters/dead-letter.ts';
import type { DeliveryOptions } from '../delivery/delivery-options.ts';
import { describeFailure, handOver } from '../delivery/record-handover.ts';
import { RetryPause } from '../delivery/retry-pause.ts';
import { WakeUp } from '../delivery/wake-up.ts';
import { EventLogClosedError } from '../errors.ts';
import {
  topics,
  type DeadLetterReason,
  type EventLog,
  type LogRecord,
  type SubscribeOptions,
  type Subscription,
  type Topic,
} from '../event-log.ts';
import type { GroupProgress, Member } from './group-progress.ts';
import { partition, type LogTable, type StoredEvent } from './log-table.ts';

/** `next`: where to read on once the events are done. */
type Batch = { stored: readonly StoredEvent[]; next: number };

export type EmbeddedSubscriptionOptions = Required<DeliveryOptions> & {
  log: Pick<EventLog, 'append'>;
  subscribe: SubscribeOptions;
  table: LogTable;
  /** One per topic. */
  progress: readonly GroupProgress[];
  /** The offset that the topic's next record will get, as far as is known. */
  headOf: (topic: string) => number;
  deadLetters: DeadLetterWriter;
  onClosed: () => void;
};

/** Hands one consumer its records, a batch at a time. */
export class EmbeddedSubscription implements Subscription, Member {
  readonly #options: EmbeddedSubscriptionOptions;
  readonly #wakeUp = new WakeUp();
  readonly #closed: Promise<never>;
  #reportClosed!: () => void;
  readonly #retry: RetryPause;
  readonly #loop: Promise<void>;

  constructor(options: EmbeddedSubscriptionOptions) {
    this.#options = options;
    this.#closed = new Promise((_resolve, reject) => {
      this.#reportClosed = () => reject(new EventLogClosedError());
    });
    this.#closed.catch(() => undefined);
    this.#retry = new RetryPause(options.subscribe.group, options);
    for (const progress of options.progress) progress.join(this);
    this.#loop = this.#run();
  }

  /** There may be something new. */
  wake(): void {
    this.#wakeUp.set();
  }

  async checkpoint({ topic, offset }: LogRecord): Promise<void> {
    await this.#options.table.writeCheckpoint(this.#options.subscribe.group, topic, offset + 1);
  }

  /** All recordings share the one partition. */
  async whenCaughtUp(): Promise<void> {
    if (this.#retry.isClosed) throw new EventLogClosedError();
    const heads = await this.#options.table.heads();
    const reached = this.#options.progress.map((progress) => progress.whenReached(heads.get(progress.topic) ?? 0));
    this.wake();
    await Promise.race([Promise.all(reached), this.#closed]);
  }

  async lag(): Promise<number> {
    const counts = this.#options.progress.map(async (progress) =>
      this.#options.table.countFrom(progress.topic, await progress.position()),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  owns(_recordingId: RecordingId): boolean {
    return this.#options.progress.every((progress) => progress.isWorkedBy(this));
  }

  async deadLetter({ event, ...at }: LogRecord, reason: DeadLetterReason): Promise<void> {
    await this.#setAside({ ...at, key: event.recordingid, value: Buffer.from(JSON.stringify(event)) }, reason);
  }

  async close(): Promise<void> {
    if (!this.#retry.isClosed) {
      this.#retry.close();
      this.#reportClosed();
      this.wake();
    }
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#retry.isClosed) {
      let isIdle = true;
      for (const progress of this.#options.progress) {
        if (!this.#retry.isClosed && (await this.#deliver(progress))) isIdle = false;
      }
      if (isIdle && !this.#retry.isClosed) await this.#wakeUp.wait();
    }
    for (const progress of this.#options.progress) progress.leave(this);
    this.#options.onClosed();
  }

  /** Hands over one batch of a topic. @returns whether there was anything */
  async #deliver(progress: GroupProgress): Promise<boolean> {
    const { table, subscribe } = this.#options;
    let batch: Batch | undefined;
    if (!(await this.#retry.insist(async () => void (batch = await this.#readNext(progress)))) || !batch) return false;
    const { stored, next } = batch;
    const records = await this.#decode(progress.topic, stored);
    if (!records || (records.length > 0 && !(await this.#handOver(records)))) return false;
    if (subscribe.checkpoints !== 'manual') {
      const isWritten = await this.#retry.insist(() => table.writeCheckpoint(subscribe.group, progress.topic, next));
      if (!isWritten) return false;
    }
    progress.advance(next);
    return true;
  }

  async #readNext(progress: GroupProgress): Promise<Batch | undefined> {
    const { table, headOf, maxRecords, maxBytes } = this.#options;
    const position = await progress.claim(this);
    const head = headOf(progress.topic);
    if (position === undefined || position >= head) return undefined;
    const stored = await table.read(progress.topic, position, maxRecords, maxBytes);
    const last = stored.at(-1);
    // Nothing there although the head is further on: those records have been pruned.
    return { stored, next: last ? last.offset + 1 : head };
  }

  /** Sets aside what is no envelope. @returns undefined when it was closed meanwhile */
  async #decode(topic: Topic, stored: readonly StoredEvent[]): Promise<LogRecord[] | undefined> {
    const records: LogRecord[] = [];
    for (const { offset, recordingId, json } of stored) {
      try {
        records.push({ topic, partition, offset, event: parseEnvelope(JSON.parse(json)) });
      } catch (error) {
        const raw = { topic, partition, offset, key: recordingId, value: Buffer.from(json) };
        if (!(await this.#retry.insist(() => this.#setAside(raw, describeFailure(error))))) return undefined;
      }
    }
    return records;
  }

  #handOver(records: readonly LogRecord[]): Promise<boolean> {
    return handOver(records, {
      onRecords: (each) => this.#options.subscribe.onRecords(each),
      deadLetter: (record, reason) => this.deadLetter(record, reason),
      pause: (error, attempt) => this.#retry.afterFailure(error, attempt),
    });
  }

  /** What is wrong among the dead letters themselves is only passed over. */
  async #setAside(record: RawRecord, reason: DeadLetterReason): Promise<void> {
    if (record.topic === topics.deadLetters) return;
    const { log, deadLetters, subscribe } = this.#options;
    await log.append(topics.deadLetters, [deadLetters.note(record, subscribe.group, reason)]);
  }
}
