import type { RecordingClock } from '../clock/recording-clock.ts';
import type { CaptureIdentity } from './token.ts';
import type { SealedBatch } from './sealed-batch.ts';

type OpenEvent = { seq: number; type: string; pageMs: number; dataJson: string };

export type BatcherOptions = {
  identity: CaptureIdentity;
  source: string;
  clock: RecordingClock;
  /** `app` when the batch holds at least one app event. */
  onSealed(batch: SealedBatch, kind: 'app' | 'dom'): void;
};

/** How long an event waits for others to be sent with, milliseconds. App events are kept sooner: nobody can make them again. */
const lingerMs = { dom: 250, app: 40 };
const mostEvents = 500;
const mostBytes = 256 * 1024;

/**
 * Numbers events and puts them together. Times are turned into `atMs` when a batch is sealed: before the first welcome
 * the recording clock is not known, so until then everything waits here.
 */
export class Batcher {
  #open: OpenEvent[] = [];
  #openBytes = 0;
  #nextSeq = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = 0;
  /** The latest `atMs` given out, for the page and for app events: time never runs backwards within either. */
  readonly #floors = { dom: 0, app: 0 };

  constructor(private readonly options: BatcherOptions) {}

  get openCount(): number {
    return this.#open.length;
  }

  get openBytes(): number {
    return this.#openBytes;
  }

  /** @param pageMs when it happened, on the page's clock. Returns the event's seq. */
  add(type: string, pageMs: number, dataJson: string): number {
    const seq = this.#nextSeq++;
    this.#open.push({ seq, type, pageMs, dataJson });
    this.#openBytes += dataJson.length;
    if (this.#open.length >= mostEvents || this.#openBytes >= mostBytes) this.seal();
    else this.sealWithin(lingerMs[kindOf(type)]);
    return seq;
  }

  private sealWithin(waitMs: number): void {
    const dueMs = performance.now() + waitMs;
    if (this.#timer !== undefined && this.#dueMs <= dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => this.seal(), waitMs);
  }

  /** Closes the batch that is open, if the clock is known. */
  seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.options.clock.isKnown) return;
    while (this.#open.length > 0) this.sealOne(this.takeOne());
    this.#openBytes = 0;
  }

  /** As many events as one batch may hold; at least one. */
  private takeOne(): OpenEvent[] {
    let bytes = 0;
    let count = 0;
    while (count < Math.min(mostEvents, this.#open.length)) {
      bytes += this.#open[count]!.dataJson.length;
      if (count > 0 && bytes > mostBytes) break;
      count++;
    }
    return this.#open.splice(0, count);
  }

  private sealOne(events: OpenEvent[]): void {
    const { identity, source, clock } = this.options;
    const texts = events.map((event) => {
      const kind = kindOf(event.type);
      const atMs = Math.max(this.#floors[kind], clock.at(event.pageMs));
      this.#floors[kind] = atMs;
      return `{"seq":${event.seq},"type":"${event.type}","atMs":${atMs},"data":${event.dataJson}}`;
    });
    const batch = {
      ...identity,
      source,
      firstSeq: events[0]!.seq,
      count: events.length,
      json: `[${texts.join(',')}]`,
      sealedAt: Date.now(),
    };
    this.options.onSealed(batch, events.some((event) => kindOf(event.type) === 'app') ? 'app' : 'dom');
  }
}

function kindOf(type: string): 'dom' | 'app' {
  return type.startsWith('rushes.dom.') ? 'dom' : 'app';
}
