import type { CaptureReply } from '@rushes/timeline';
import type { CaptureEvents } from '../types.ts';
import { BackOff } from './back-off.ts';
import { batchMessage, withoutEvent, type SealedBatch, type SealedEvent } from './sealed-batch.ts';

type Nack = Extract<CaptureReply, { kind: 'nack' }>;

export type DeliveryOptions = {
  send(text: string): boolean;
  reconnect(): void;
  keep(batch: SealedBatch): Promise<void>;
  forget(batch: SealedBatch): Promise<void>;
  onAcknowledged(): void;
  onDropped(event: SealedEvent, detail: CaptureEvents['dropped']): void;
};

/** How long the page's own changes may be unacknowledged before they are kept, milliseconds. */
const keepWithinMs = 500;
/** A batch that is not answered for this long is sent again over a new connection. */
const answerMs = 15_000;

/**
 * Sends batches one at a time, in order, until each is acknowledged or refused for good. One at a time, because what a page
 * says must reach the log in the order it was said, whatever is refused and sent again in between.
 */
export class Delivery {
  readonly #queue: SealedBatch[] = [];
  readonly #refusals = new BackOff(250, 10_000);
  #inFlight: { batchId: number; batch: SealedBatch } | undefined;
  #nextBatchId = 0;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;
  #keeper: ReturnType<typeof setTimeout> | undefined;
  readonly #kept = new WeakSet<SealedBatch>();
  #pending = 0;
  #pendingBytes = 0;
  readonly #unanswered = new Set<SealedBatch>();
  readonly #waiters = new Set<{ left: Set<SealedBatch>; resolve: () => void }>();

  constructor(private readonly options: DeliveryOptions) {}

  /** Events in the queue and in flight. */
  get pending(): number {
    return this.#pending;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Resolves when everything that is in the queue now has been acknowledged or refused for good. */
  async whenAnswered(): Promise<void> {
    const left = new Set(this.#unanswered);
    if (left.size > 0) await new Promise<void>((resolve) => this.#waiters.add({ left, resolve }));
  }

  /**
   * Takes over a batch until it is answered for. `app` events are kept at once; the page's own changes only if they are not
   * acknowledged soon, for IndexedDB costs more of the main thread than everything else here together.
   */
  add(batch: SealedBatch, kind: 'app' | 'dom'): void {
    this.#queue.push(batch);
    this.count(batch);
    if (kind === 'app') this.keep(batch);
    else this.#keeper ??= setTimeout(() => this.keepAll(), keepWithinMs);
    this.next();
  }

  /** Keeps everything that is not acknowledged yet. */
  keepAll(): void {
    clearTimeout(this.#keeper);
    this.#keeper = undefined;
    for (const batch of this.#unanswered) this.keep(batch);
  }

  /** Takes over what an earlier page load kept; it goes first. */
  resume(batches: readonly SealedBatch[]): void {
    this.#queue.unshift(...batches);
    for (const batch of batches) {
      this.count(batch);
      this.#kept.add(batch);
    }
    this.next();
  }

  opened(): void {
    this.#isOpen = true;
    this.next();
  }

  /** The connection is gone: what was in flight is sent again. */
  lost(): void {
    this.#isOpen = false;
    clearTimeout(this.#deadline);
    clearTimeout(this.#pause);
    this.#pause = undefined;
    if (this.#inFlight) this.#queue.unshift(this.#inFlight.batch);
    this.#inFlight = undefined;
  }

  /** The page goes away: hand everything to the socket without waiting for answers. What arrives twice is recognised. */
  sendEverything(): void {
    this.keepAll();
    for (const batch of this.#queue) {
      if (!this.options.send(batchMessage(this.#nextBatchId++, batch))) return;
    }
  }

  answer(reply: CaptureReply): void {
    if (reply.kind !== 'ack' && reply.kind !== 'nack') return;
    if (reply.batchId !== this.#inFlight?.batchId) return;
    const { batch } = this.#inFlight;
    this.#inFlight = undefined;
    clearTimeout(this.#deadline);
    if (reply.kind === 'nack') {
      this.refused(batch, reply);
      return;
    }
    this.#refusals.reset();
    this.forget(batch);
    this.discount(batch);
    this.next();
    this.options.onAcknowledged();
  }

  private refused(batch: SealedBatch, nack: Nack): void {
    if (nack.retriable) {
      this.#queue.unshift(batch);
      const waitMs = Math.max(nack.retryAfterMs ?? 0, this.#refusals.nextMs());
      this.#pause = setTimeout(() => {
        this.#pause = undefined;
        this.next();
      }, waitMs);
      return;
    }
    const { rest, dropped } = withoutEvent(batch, nack.seq);
    this.forget(batch);
    if (rest) {
      this.#queue.unshift(rest);
      this.count(rest);
      this.keep(rest);
    }
    for (const event of dropped) {
      const { type, seq } = event;
      this.options.onDropped(event, { type, seq, code: nack.code, message: nack.message });
    }
    this.discount(batch, rest);
    this.next();
    this.options.onAcknowledged();
  }

  private next(): void {
    if (!this.#isOpen || this.#inFlight || this.#pause !== undefined) return;
    const batch = this.#queue[0];
    if (!batch) return;
    const batchId = this.#nextBatchId++;
    if (!this.options.send(batchMessage(batchId, batch))) return;
    this.#queue.shift();
    this.#inFlight = { batchId, batch };
    this.#deadline = setTimeout(() => this.options.reconnect(), answerMs);
  }

  private keep(batch: SealedBatch): void {
    if (this.#kept.has(batch)) return;
    this.#kept.add(batch);
    void this.options.keep(batch).catch(warn);
  }

  private forget(batch: SealedBatch): void {
    if (this.#kept.delete(batch)) void this.options.forget(batch).catch(warn);
  }

  private count(batch: SealedBatch): void {
    this.#pending += batch.count;
    this.#pendingBytes += batch.json.length;
    this.#unanswered.add(batch);
  }

  /** The batch is answered for; when a part of it goes on as `rest`, only with that part. */
  private discount(batch: SealedBatch, rest?: SealedBatch): void {
    this.#pending -= batch.count;
    this.#pendingBytes -= batch.json.length;
    this.#unanswered.delete(batch);
    for (const waiter of this.#waiters) {
      if (waiter.left.delete(batch) && rest) waiter.left.add(rest);
      if (waiter.left.size > 0) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}

function warn(error: unknown): void {
  console.warn('rushes capture: IndexedDB failed, events may not survive a reload', error);
}
