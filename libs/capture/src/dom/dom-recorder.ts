import { record } from 'rrweb';
import { isRecord, rrwebTypes, type RrwebEvent } from '@rushes/timeline';
import { AssetInliner } from './asset-inliner.ts';
import { aspectMutation, markTiles } from './tiles.ts';

export type DomRecorderOptions = {
  maskInputs: boolean;
  blockSelector: string;
  maskTextSelector: string;
  snapshotIntervalMs: number;
  /** Page clock, milliseconds. */
  nowMs(): number;
  /** Each event, in order, with the instant it happened; nothing in it points outside the recording. */
  onEvent(event: RrwebEvent, pageMs: number): void;
};

/** A snapshot is taken when the page is idle, but not later than this after it was due, milliseconds. */
const idlePatienceMs = 3_000;

/** Frames belong to other documents: recorded as boxes of their size. */
const foreign = 'iframe, frame, object, embed';

/** Records the page with rrweb: everything inlined, tiles marked, and a full snapshot at regular intervals. */
export class DomRecorder {
  readonly #inliner = new AssetInliner(record.mirror, () => document.baseURI);
  #stop: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Events that wait for an earlier one whose files are being fetched. */
  #queue: Promise<void> | undefined;

  constructor(private readonly options: DomRecorderOptions) {}

  start(): void {
    if (this.#stop) return;
    const { maskInputs, blockSelector, maskTextSelector } = this.options;
    const stopRecording = record({
      emit: (event) => this.take(event as RrwebEvent),
      // Our own timer comes first; this holds when timers are throttled in a background tab.
      checkoutEveryNms: 30_000,
      inlineStylesheet: true,
      maskAllInputs: maskInputs,
      ...(maskInputs ? {} : { maskInputOptions: { password: true } }),
      blockSelector: blockSelector === '' ? foreign : `${foreign}, ${blockSelector}`,
      maskTextSelector,
      slimDOMOptions: 'all',
      sampling: { mousemove: 100, mousemoveCallback: 500, scroll: 150, media: 800, input: 'last' },
      recordAfter: 'DOMContentLoaded',
      errorHandler: (error) => {
        console.warn('rushes capture: recording the page failed once', error);
        return true;
      },
    });
    document.addEventListener('resize', this.#onPictureResized, true);
    this.#stop = () => {
      stopRecording?.();
      document.removeEventListener('resize', this.#onPictureResized, true);
    };
    this.scheduleSnapshot();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    clearTimeout(this.#timer);
  }

  /** Resolves when every event so far has been handed on. */
  async whenHandedOn(): Promise<void> {
    await this.#queue;
  }

  /** Takes a full snapshot now, if the page is being recorded. */
  takeSnapshot(): void {
    if (!this.#stop) return;
    this.scheduleSnapshot();
    record.takeFullSnapshot(true);
  }

  private scheduleSnapshot(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (typeof requestIdleCallback === 'function') {
        requestIdleCallback(() => this.takeSnapshot(), { timeout: idlePatienceMs });
      } else this.takeSnapshot();
    }, this.options.snapshotIntervalMs);
  }

  readonly #onPictureResized = (event: Event): void => {
    const mutation = aspectMutation(event.target, record.mirror, Date.now());
    if (mutation) this.take(mutation);
  };

  private take(event: RrwebEvent): void {
    const pageMs = this.options.nowMs();
    if (event.type === rrwebTypes.domContentLoaded || event.type === rrwebTypes.load) return;
    if (!markTiles(event, record.mirror)) return;
    if (event.type === rrwebTypes.meta && isRecord(event.data))
      event.data.href = withoutSecrets(String(event.data.href));
    const fetching = this.#inliner.inline(event);
    if (!fetching && !this.#queue) {
      this.options.onEvent(event, pageMs);
      return;
    }
    const turn = Promise.all([this.#queue, fetching]).then(() => {
      this.options.onEvent(event, pageMs);
      if (this.#queue === turn) this.#queue = undefined;
    });
    this.#queue = turn;
  }
}

/** Query and fragment may carry tokens and passwords of the meeting. */
function withoutSecrets(href: string): string {
  return href.replace(/[?#].*$/s, '');
}
