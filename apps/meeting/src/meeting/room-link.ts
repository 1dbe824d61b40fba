import type { Answers, ClosingReason, Method, Notifications, RequestInput } from '@rushes/rooms/protocol';
import { SignallingClient, SignallingFailure, type SignallingListeners } from '../signalling/signalling-client.ts';

/** First and longest pause before the page tries to come back, milliseconds. */
const firstRetryMs = 500;
const longestRetryMs = 8_000;

type Notification = Parameters<SignallingListeners['onNotification']>[0];

export type RoomLinkListeners = {
  /** A connection is there; joins the room on it. Rejecting with a refusal that is not retriable gives up. */
  onWelcome(welcome: Notifications['welcome']): Promise<void>;
  onNotification(notification: Notification): void;
  /** The connection is lost; the link comes back by itself. */
  onLost(): void;
  /** The link is over for good. */
  onOver(reason: ClosingReason | 'refused' | 'token-refused' | 'left', detail: string): void;
};

/** The way to the room: connects, and connects again, until it is closed or the server says that it is over. */
export class RoomLink {
  #client: SignallingClient | undefined;
  #retryMs = firstRetryMs;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #closingReason: ClosingReason | undefined;

  constructor(
    private readonly url: string,
    private readonly listeners: RoomLinkListeners,
  ) {
    this.#connect();
    // A network that is back is tried at once.
    addEventListener('online', this.#retryNow);
  }

  /** @throws SignallingFailure */
  request = <M extends Method>(method: M, data: RequestInput[M]): Promise<Answers[M]> =>
    this.#client?.request(method, data) ??
    Promise.reject(new SignallingFailure('disconnected', 'Not connected to the meeting', true));

  /** Ends the link; nothing is called any more. Idempotent. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#retryTimer);
    removeEventListener('online', this.#retryNow);
    this.#client?.close();
  }

  #connect(): void {
    const client = new SignallingClient(this.url, {
      onNotification: (notification) => this.#receive(client, notification),
      onClosed: (wasOpen) => void this.#closed(client, wasOpen),
    });
    this.#client = client;
  }

  #receive(client: SignallingClient, notification: Notification): void {
    if (this.#isOver || client !== this.#client) return;
    if (notification.event === 'closing') this.#closingReason = notification.data.reason;
    if (notification.event !== 'welcome') return this.listeners.onNotification(notification);
    this.listeners.onWelcome(notification.data).then(
      () => (this.#retryMs = firstRetryMs),
      (error: unknown) => {
        if (error instanceof SignallingFailure && error.retriable) client.close();
        else this.#end('refused', error instanceof Error ? error.message : '');
      },
    );
  }

  async #closed(client: SignallingClient, wasOpen: boolean): Promise<void> {
    if (this.#isOver || client !== this.#client) return;
    const reason = this.#closingReason;
    this.#closingReason = undefined;
    if (reason !== undefined && reason !== 'media-lost') return this.#end(reason, '');
    this.listeners.onLost();
    // A browser does not say why an upgrade was refused; a server that is there has refused the token.
    if (!wasOpen && (await isServerThere())) return this.#end('token-refused', '');
    this.#retryTimer = setTimeout(() => this.#connect(), this.#retryMs * (0.75 + Math.random() / 2));
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  #end(reason: Parameters<RoomLinkListeners['onOver']>[0], detail: string): void {
    if (this.#isOver) return;
    this.close();
    this.listeners.onOver(reason, detail);
  }

  #retryNow = (): void => {
    if (this.#isOver || this.#client?.isOpen) return;
    clearTimeout(this.#retryTimer);
    this.#connect();
  };
}

async function isServerThere(): Promise<boolean> {
  try {
    return (await fetch('/health/live', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}
