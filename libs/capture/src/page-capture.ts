import { rrwebTypes, type CaptureReply, type RrwebEvent } from '@rushes/timeline';
import { RecordingClock } from './clock/recording-clock.ts';
import { Batcher } from './delivery/batcher.ts';
import { Delivery } from './delivery/delivery.ts';
import { Link } from './delivery/link.ts';
import { Outbox } from './delivery/outbox.ts';
import type { CaptureIdentity } from './delivery/token.ts';
import { DomRecorder, type DomRecorderOptions } from './dom/dom-recorder.ts';
import { LossLedger } from './dom/loss-ledger.ts';
import { Emitter } from './emitter.ts';
import { CaptureError } from './errors.ts';
import type { Capture, CaptureEvents, CaptureState } from './types.ts';

export type PageCaptureOptions = {
  url: URL;
  token: string;
  getToken: (() => Promise<string>) | undefined;
  identity: CaptureIdentity;
  surface: string;
  recordDom: boolean;
  maxBufferedBytes: number;
  dom: Pick<DomRecorderOptions, 'maskInputs' | 'blockSelector' | 'maskTextSelector' | 'snapshotIntervalMs'>;
  /** Returns the data to send. @throws CaptureError */
  check(type: string, data: unknown): unknown;
};

const domType = 'rushes.dom.recorded.v1';

/** Wires recorder, clock, batches, outbox and connection into one page's capture. */
export class PageCapture implements Capture {
  readonly #events = new Emitter<CaptureEvents>();
  readonly #clock = new RecordingClock();
  readonly #outbox = Outbox.open();
  #openOutbox: Outbox | undefined;
  readonly #loss = new LossLedger();
  readonly #batcher: Batcher;
  readonly #delivery: Delivery;
  readonly #link: Link;
  readonly #recorder: DomRecorder;
  #state: CaptureState = 'idle';
  #isStarted = false;
  #isStopped = false;
  #maxEventBytes = Infinity;

  constructor(private readonly options: PageCaptureOptions) {
    const { identity } = options;
    const source = `participants/${identity.participantId}/${crypto.randomUUID()}`;
    const nowMs = () => performance.now();
    this.#delivery = new Delivery({
      send: (text) => this.#link.send(text),
      reconnect: () => this.#link.reconnect(),
      // Without waiting once it is open: what a page that goes away hands over is kept only if it is handed over at once.
      keep: (batch) => this.#openOutbox?.put(batch) ?? this.#outbox.then((outbox) => outbox.put(batch)),
      forget: (batch) => this.#openOutbox?.remove(batch) ?? this.#outbox.then((outbox) => outbox.remove(batch)),
      onAcknowledged: () => this.#events.emit('acknowledged', { pending: this.pending }),
      onDropped: (event, detail) => {
        this.#events.emit('dropped', detail);
        if (event.type === domType) this.loseDom(event.atMs);
      },
    });
    this.#batcher = new Batcher({
      identity,
      source,
      clock: this.#clock,
      onSealed: (batch, kind) => this.#delivery.add(batch, kind),
    });
    this.#link = new Link({
      url: options.url,
      token: options.token,
      getToken: options.getToken,
      source,
      clock: this.#clock,
      nowMs,
      onState: (state) => this.changeState(state),
      onReply: (reply) => this.hear(reply),
    });
    this.#recorder = new DomRecorder({
      ...options.dom,
      nowMs,
      onEvent: (event, pageMs) => this.takeDom(event, pageMs),
    });
  }

  get state(): CaptureState {
    return this.#state;
  }

  get pending(): number {
    return this.#delivery.pending + this.#batcher.openCount;
  }

  on<E extends keyof CaptureEvents>(event: E, listener: (detail: CaptureEvents[E]) => void): () => void {
    return this.#events.on(event, listener);
  }

  emit(type: string, data: unknown): void {
    if (this.#isStopped) throw new CaptureError('stopped', 'The capture was stopped; events can no longer be emitted.');
    this.#batcher.add(type, performance.now(), JSON.stringify(this.options.check(type, data)));
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    addEventListener('pagehide', this.#onLeave);
    document.addEventListener('visibilitychange', this.#onHide);
    if (this.options.recordDom) this.#recorder.start();
    void this.resumeAndOpen();
  }

  async stop({ timeoutMs = 5_000 }: { timeoutMs?: number } = {}): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#recorder.stop();
    removeEventListener('pagehide', this.#onLeave);
    document.removeEventListener('visibilitychange', this.#onHide);
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs));
    await Promise.race([this.#recorder.whenHandedOn().then(() => this.whenAcknowledged()), timeout]);
    this.#delivery.lost();
    this.#link.close();
    (await this.#outbox).close();
  }

  async whenAcknowledged(): Promise<void> {
    this.#batcher.seal();
    await this.#recorder.whenHandedOn();
    this.#batcher.seal();
    if (this.#batcher.openCount > 0) await this.whenState('open');
    this.#batcher.seal();
    await this.#delivery.whenAnswered();
  }

  /** Older page loads' events go first, so they are read before the connection opens. */
  private async resumeAndOpen(): Promise<void> {
    const { recordingId, participantId } = this.options.identity;
    try {
      const outbox = await this.#outbox;
      this.#openOutbox = outbox;
      this.#delivery.resume(await outbox.load(recordingId, participantId, Date.now()));
    } catch (error) {
      console.warn('rushes capture: could not read what an earlier page load left', error);
    }
    if (!this.#isStopped) this.#link.open();
  }

  private hear(reply: CaptureReply): void {
    if (reply.kind === 'welcome') {
      this.#maxEventBytes = reply.limits.maxEventBytes;
      this.#batcher.seal();
      return;
    }
    this.#delivery.answer(reply);
    if (this.#loss.isOpen && this.#delivery.pendingBytes < this.options.maxBufferedBytes / 2) this.recover();
  }

  private takeDom(event: RrwebEvent, pageMs: number): void {
    const json = JSON.stringify({ surface: this.options.surface, event });
    const isFull = this.#delivery.pendingBytes + this.#batcher.openBytes > this.options.maxBufferedBytes;
    if (isFull || json.length > this.#maxEventBytes) {
      const code = isFull ? 'buffer-full' : 'too-large';
      const message = `${json.length} bytes of the recorded page were not kept`;
      this.#events.emit('dropped', { type: domType, seq: null, code, message });
      this.loseDom(this.#clock.isKnown ? this.#clock.at(pageMs) : 0);
      return;
    }
    // After a loss nothing fits before the next snapshot: it would change nodes that are not there.
    if (this.#loss.isOpen && event.type !== rrwebTypes.meta && event.type !== rrwebTypes.fullSnapshot) {
      if (!isFull) this.recover();
      return;
    }
    this.#batcher.add(domType, pageMs, json);
    if (event.type === rrwebTypes.fullSnapshot && this.#clock.isKnown) this.noteGap(this.#clock.at(pageMs), pageMs);
  }

  private noteGap(toMs: number, pageMs: number): void {
    const fromMs = this.#loss.close();
    if (fromMs === undefined) return;
    const gap = { surface: this.options.surface, fromMs: Math.min(fromMs, toMs), toMs, reason: 'capture-lost' };
    this.#batcher.add('rushes.dom.gap-noted.v1', pageMs, JSON.stringify(gap));
  }

  private loseDom(atMs: number): void {
    this.#loss.open(atMs);
    this.recover();
  }

  /** A fresh snapshot ends a loss; at most one in a while, for it may be the snapshot itself that does not fit. */
  private recover(): void {
    if (this.#loss.mayTry(performance.now())) queueMicrotask(() => this.#recorder.takeSnapshot());
  }

  private changeState(state: CaptureState): void {
    if (state === this.#state) return;
    if (this.#state === 'open') this.#delivery.lost();
    this.#state = state;
    if (state === 'open') this.#delivery.opened();
    this.#events.emit('state-changed', { state });
  }

  private whenState(state: CaptureState): Promise<void> {
    return new Promise((resolve) => {
      const off = this.on('state-changed', (change) => {
        if (change.state !== state) return;
        off();
        resolve();
      });
    });
  }

  readonly #onHide = (): void => {
    if (document.visibilityState === 'hidden') this.#onLeave();
  };

  readonly #onLeave = (): void => {
    this.#batcher.seal();
    this.#delivery.sendEverything();
  };
}
