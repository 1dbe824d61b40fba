import { EventLogClosedError } from '../errors.ts';
import type { LogRecord, SubscribeOptions, Subscription } from '../event-log.ts';
import type { GroupProgress, Member } from './group-progress.ts';
import type { LogTable } from './log-table.ts';
import { WakeUp } from './wake-up.ts';

export type DeliveryFailure = { group: string; error: unknown; attempt: number; retryInMs: number };

/** `next`: where to read on once the records are done. */
type Batch = { records: readonly LogRecord[]; next: number };

export type EmbeddedSubscriptionOptions = {
  subscribe: SubscribeOptions;
  table: LogTable;
  /** One per topic. */
  progress: readonly GroupProgress[];
  /** The offset that the topic's next record will get, as far as is known. */
  headOf: (topic: string) => number;
  maxRecords: number;
  maxBytes: number;
  firstRetryMs: number;
  maxRetryMs: number;
  onFailure: (failure: DeliveryFailure) => void;
  onClosed: () => void;
};

/** Hands one consumer its records, a batch at a time. */
export class EmbeddedSubscription implements Subscription, Member {
  readonly #options: EmbeddedSubscriptionOptions;
  readonly #wakeUp = new WakeUp();
  readonly #closed: Promise<never>;
  #reportClosed!: () => void;
  readonly #loop: Promise<void>;
  #isClosing = false;

  constructor(options: EmbeddedSubscriptionOptions) {
    this.#options = options;
    this.#closed = new Promise((_resolve, reject) => {
      this.#reportClosed = () => reject(new EventLogClosedError());
    });
    this.#closed.catch(() => undefined);
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

  async whenCaughtUp(): Promise<void> {
    if (this.#isClosing) throw new EventLogClosedError();
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

  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#reportClosed();
      this.wake();
    }
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#isClosing) {
      let isIdle = true;
      for (const progress of this.#options.progress) {
        if (!this.#isClosing && (await this.#deliver(progress))) isIdle = false;
      }
      if (isIdle && !this.#isClosing) await this.#wakeUp.wait();
    }
    for (const progress of this.#options.progress) progress.leave(this);
    this.#options.onClosed();
  }

  /** Hands over one batch of a topic. @returns whether there was anything */
  async #deliver(progress: GroupProgress): Promise<boolean> {
    const { table, subscribe } = this.#options;
    let batch: Batch | undefined;
    if (!(await this.#insist(async () => void (batch = await this.#readNext(progress)))) || !batch) return false;
    const { records, next } = batch;
    if (records.length > 0 && !(await this.#insist(() => subscribe.onRecords(records)))) return false;
    if (subscribe.checkpoints !== 'manual') {
      const isWritten = await this.#insist(() => table.writeCheckpoint(subscribe.group, progress.topic, next));
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
    const records = await table.read(progress.topic, position, maxRecords, maxBytes);
    const last = records.at(-1);
    // Nothing there although the head is further on: those records have been pruned.
    return { records, next: last ? last.offset + 1 : head };
  }

  /** Tries until it succeeds. @returns false when the subscription was closed before it did */
  async #insist(action: () => Promise<void>): Promise<boolean> {
    const { firstRetryMs, maxRetryMs, onFailure, subscribe } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await action();
        return true;
      } catch (error) {
        if (this.#isClosing) return false;
        const retryInMs = Math.min(firstRetryMs * 2 ** (attempt - 1), maxRetryMs);
        onFailure({ group: subscribe.group, error, attempt, retryInMs });
        await this.#pause(retryInMs);
        if (this.#isClosing) return false;
      }
    }
  }

  /** Ends early when the subscription is closed. */
  async #pause(ms: number): Promise<void> {
    const until = performance.now() + ms;
    for (let leftMs = ms; leftMs > 0 && !this.#isClosing; leftMs = until - performance.now()) {
      await this.#wakeUp.wait(leftMs);
    }
  }
}
