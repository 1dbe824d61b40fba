import { captureProtocol, type CaptureReply, type CaptureRequest } from '@rushes/timeline';
import type { RecordingClock } from '../clock/recording-clock.ts';
import type { CaptureState } from '../types.ts';
import { BackOff } from './back-off.ts';

export type LinkOptions = {
  /** `ws(s):` URL without a token. */
  url: URL;
  token: string;
  getToken: (() => Promise<string>) | undefined;
  source: string;
  clock: RecordingClock;
  /** Page clock, milliseconds. */
  nowMs(): number;
  onState(state: CaptureState): void;
  /** Everything but `time`, which the link answers to itself. */
  onReply(reply: CaptureReply): void;
};

/** Clock exchanges right after connecting, then at the slow pace. */
const quickSamples = 5;
const quickSampleMs = 120;
const slowSampleMs = 5_000;
/** The gateway answers every clock exchange: silence for this long means the connection is dead. */
const silenceMs = 12_000;
const openTimeoutMs = 10_000;

/** Holds a connection to the gateway, measures the recording clock over it, and comes back by itself when it breaks. */
export class Link {
  readonly #backOff = new BackOff(250, 15_000);
  #socket: WebSocket | undefined;
  #isWelcome = false;
  #isClosed = true;
  #token: string;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #sampler: ReturnType<typeof setTimeout> | undefined;
  #helloSentMs = 0;
  #heardMs = 0;
  #samples = 0;

  constructor(private readonly options: LinkOptions) {
    this.#token = options.token;
  }

  get isOpen(): boolean {
    return this.#isWelcome;
  }

  open(): void {
    if (!this.#isClosed) return;
    this.#isClosed = false;
    globalThis.addEventListener('online', this.#onOnline);
    this.connect();
  }

  close(): void {
    this.#isClosed = true;
    globalThis.removeEventListener('online', this.#onOnline);
    this.drop();
    this.options.onState('idle');
  }

  /** Sends a text; false when there is no open connection. */
  send(text: string): boolean {
    if (!this.#isWelcome || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** Gives the connection up and makes a new one after the usual wait. */
  reconnect(): void {
    if (this.#isClosed) return;
    this.drop();
    this.options.onState('waiting');
    this.#retry = setTimeout(() => this.connect(), this.#backOff.nextMs());
  }

  readonly #onOnline = (): void => {
    if (this.#isClosed || this.#isWelcome) return;
    this.#backOff.reset();
    this.drop();
    this.connect();
  };

  private connect(): void {
    this.options.onState('connecting');
    const url = new URL(this.options.url);
    url.searchParams.set('token', this.#token);
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#retry = setTimeout(() => this.reconnect(), openTimeoutMs);
    socket.onopen = () => {
      this.#helloSentMs = this.options.nowMs();
      this.transmit({ kind: 'hello', protocol: captureProtocol, source: this.options.source });
    };
    socket.onmessage = (message) => this.hear(String(message.data));
    socket.onclose = () => this.reconnect();
  }

  private drop(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#sampler);
    this.#isWelcome = false;
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  private hear(text: string): void {
    const receivedMs = this.options.nowMs();
    this.#heardMs = receivedMs;
    const reply = JSON.parse(text) as CaptureReply;
    if (reply.kind === 'time') {
      this.options.clock.add({ sentMs: reply.t0, receivedMs, recordingMs: reply.nowMs });
      return;
    }
    if (reply.kind === 'welcome') this.welcome(reply.nowMs, receivedMs);
    if (reply.kind === 'nack' && reply.code === 'unauthorised' && reply.batchId < 0) {
      void this.renewToken();
      return;
    }
    this.options.onReply(reply);
  }

  private welcome(recordingMs: number, receivedMs: number): void {
    clearTimeout(this.#retry);
    this.options.clock.add({ sentMs: this.#helloSentMs, receivedMs, recordingMs });
    this.#isWelcome = true;
    this.#backOff.reset();
    this.#samples = 0;
    this.sample();
    this.options.onState('open');
  }

  private sample(): void {
    const nowMs = this.options.nowMs();
    if (nowMs - this.#heardMs > silenceMs) {
      this.reconnect();
      return;
    }
    this.transmit({ kind: 'time', t0: nowMs });
    const pauseMs = this.#samples++ < quickSamples ? quickSampleMs : slowSampleMs;
    this.#sampler = setTimeout(() => this.sample(), pauseMs);
  }

  /** The gateway does not take the token: ask the page for another one, or give up. */
  private async renewToken(): Promise<void> {
    this.drop();
    const { getToken } = this.options;
    if (!getToken) {
      this.#isClosed = true;
      globalThis.removeEventListener('online', this.#onOnline);
      this.options.onState('refused');
      return;
    }
    this.options.onState('waiting');
    try {
      this.#token = await getToken();
    } catch (error) {
      console.warn('rushes capture: no new token', error);
    }
    if (!this.#isClosed && !this.#socket) this.reconnect();
  }

  private transmit(request: CaptureRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }
}
