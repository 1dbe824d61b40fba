import { setTimeout as pause } from 'node:timers/promises';
import type { EventLog, Topic } from '@rushes/event-log';
import { checkInData, type ObjectStore } from '@rushes/object-store';
import type { EventEnvelope } from '@rushes/timeline';
import { unavailableFor } from '../errors/unavailable.ts';
import type { Logger } from '../logging/logger.ts';
import { EventsOverflowError, EventTooLateError } from './publish-errors.ts';

type Waiting = {
  topic: Topic;
  envelope: EventEnvelope;
  sizeBytes: number;
  resolve: () => void;
  reject: (error: unknown) => void;
};

export type PublishQueueParts = { eventLog: EventLog; objectStore: ObjectStore; logger: Logger };

/** Most that waits while the log is away; what comes then is refused. About an hour of a hundred busy rooms. */
const mostWaitingEvents = 100_000;
const mostWaitingBytes = 64 * 1024 * 1024;
/** Most that goes to the log at once. */
const mostSentEvents = 500;
const firstRetryMs = 100;
const longestRetryMs = 3_000;

/**
 * Events of one source on their way to the log, in order. While the log, or the store for large ones, is away they wait in
 * memory and are sent again and again until it takes them. An event that the log refuses for good is told so, and the ones
 * behind it go on.
 */
export class PublishQueue {
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  /** Epoch milliseconds; undefined while the log takes what it is given. */
  #awaySince: number | undefined;
  readonly #closing = new AbortController();

  constructor(
    private readonly source: string,
    private readonly parts: PublishQueueParts,
  ) {}

  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when the event is durable.
   * @param withinMs afterwards it is given up; it may be stored all the same, when it was on its way
   * @throws EventsOverflowError, EventTooLateError; whatever the log refuses it with for good
   */
  add(topic: Topic, envelope: EventEnvelope, withinMs?: number): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(new EventTooLateError(0));
    const sizeBytes = JSON.stringify(envelope).length;
    if (this.#waiting.length >= mostWaitingEvents || this.#waitingBytes + sizeBytes > mostWaitingBytes) {
      const overflow = new EventsOverflowError(this.#waiting.length, this.#waitingBytes);
      this.parts.logger.error({ err: overflow, source: this.source, type: envelope.type }, 'event lost');
      return Promise.reject(overflow);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { topic, envelope, sizeBytes, resolve, reject };
    this.#waiting.push(waiting);
    this.#waitingBytes += sizeBytes;
    this.#running ??= this.#run();
    if (withinMs === undefined) return promise;
    const timer = setTimeout(() => this.#giveUp(waiting, withinMs), withinMs);
    return promise.finally(() => clearTimeout(timer));
  }

  /** Resolves when nothing waits any more. */
  async whenEmpty(): Promise<void> {
    await this.#running;
  }

  /** Gives up what waits. */
  close(): void {
    this.#closing.abort();
    const lost = this.#waiting.splice(0);
    this.#waitingBytes = 0;
    if (lost.length > 0) {
      this.parts.logger.error({ source: this.source, events: lost.length }, 'events lost: the log was away to the end');
    }
    for (const { reject } of lost) reject(new EventTooLateError(0));
  }

  #giveUp(waiting: Waiting, withinMs: number): void {
    this.#remove(waiting);
    waiting.reject(new EventTooLateError(withinMs));
  }

  #remove(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index === -1) return;
    this.#waiting.splice(index, 1);
    this.#waitingBytes -= waiting.sizeBytes;
  }

  async #run(): Promise<void> {
    // Events of the same turn of the event loop go together.
    await new Promise(setImmediate);
    let most = mostSentEvents;
    let waitMs = firstRetryMs;
    while (this.#waiting.length > 0) {
      const batch = this.#next(most);
      try {
        await this.#send(batch);
        this.#noteAnswer();
        for (const each of batch) this.#settle(each);
        [most, waitMs] = [mostSentEvents, firstRetryMs];
      } catch (error) {
        const awayMs = unavailableFor(error);
        if (awayMs !== undefined) {
          this.#noteAway(error);
          await pause(Math.max(waitMs, Math.min(awayMs, longestRetryMs)), undefined, {
            signal: this.#closing.signal,
          }).catch(() => undefined);
          waitMs = Math.min(waitMs * 2, longestRetryMs);
        } else if (batch.length > 1) {
          // One of them is at fault: one at a time tells which.
          most = 1;
        } else {
          for (const each of batch) this.#settle(each, { error });
        }
      }
    }
    this.#running = undefined;
  }

  /** The oldest, as far as they go to one topic. */
  #next(most: number): Waiting[] {
    const topic = this.#waiting[0]?.topic;
    const end = this.#waiting.findIndex((each, index) => each.topic !== topic || index >= most);
    return this.#waiting.slice(0, end === -1 ? undefined : end);
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const { eventLog, objectStore } = this.parts;
    const events: EventEnvelope[] = [];
    for (const { envelope } of batch) events.push(await checkInData(objectStore, envelope));
    await eventLog.append(batch[0]!.topic, events);
  }

  #settle(waiting: Waiting, failure?: { error: unknown }): void {
    this.#remove(waiting);
    if (failure) waiting.reject(failure.error);
    else waiting.resolve();
  }

  #noteAway(err: unknown): void {
    if (this.#awaySince !== undefined) return;
    this.#awaySince = Date.now();
    this.parts.logger.error(
      { err, source: this.source, events: this.#waiting.length },
      'the log takes no events: they wait in memory',
    );
  }

  #noteAnswer(): void {
    if (this.#awaySince === undefined) return;
    const facts = { source: this.source, events: this.#waiting.length, awayMs: Date.now() - this.#awaySince };
    this.parts.logger.warn(facts, 'the log takes events again');
    this.#awaySince = undefined;
  }
}
