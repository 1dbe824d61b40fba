import type { Answers, ClosingReason, Method, Notifications, RequestInput } from '@rushes/rooms/protocol';
import { SignallingClient, SignallingFailure, type SignallingListeners } from '../signalling/signalling-client.ts';

/** First and longest pause before the page tries to come back, milliseconds. */
const firstRetryMs = 500;
const longestRetryMs = 4_000;
/** Sent on more often than this in a row: the recorders do not agree yet, and the page waits as after a failure. */
const maxMoves = 3;

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

/**
 * The way to the room: connects, and connects again, until it is closed or the server says that it is over. A room lives in
 * one recorder of many: the first one asked says where, and when that one is gone the page asks anew.
 */
export class RoomLink {
  #client: SignallingClient | undefined;
  #retryMs = firstRetryMs;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #closingReason: ClosingReason | undefined;
  /** The recorder that has the room, as the one before said. */
  #movedTo: string | undefined;
  #moves = 0;
  #token: string;

  constructor(
    /** The meeting's own origin, `https://host`, and a meeting token. */
    private readonly options: { origin: string; token: string },
    private readonly listeners: RoomLinkListeners,
  ) {
    this.#token = options.token;
    this.#connect();
    // A network that is back is tried at once.
    addEventListener('online', this.#retryNow);
  }

  /** @throws SignallingFailure */
  request = <M extends Method>(method: M, data: RequestInput[M]): Promise<Answers[M]> =>
    this.#client?.request(method, data) ??
    Promise.reject(new SignallingFailure('disconnected', 'Not connected to the meeting', true));

  /** Connects with this token from now on. */
  useToken(token: string): void {
    this.#token = token;
  }

  /** Ends the link; nothing is called any more. Idempotent. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#retryTimer);
    removeEventListener('online', this.#retryNow);
    this.#client?.close();
  }

  #connect(): void {
    const client = new SignallingClient(this.#address(this.#movedTo ?? this.options.origin, '/v1/rooms', 'ws'), {
      onNotification: (notification) => this.#receive(client, notification),
      onClosed: (wasOpen) => void this.#closed(client, wasOpen),
    });
    this.#client = client;
  }

  #receive(client: SignallingClient, notification: Notification): void {
    if (this.#isOver || client !== this.#client) return;
    if (notification.event === 'moved') return this.#move(client, notification.data.url);
    if (notification.event === 'closing') this.#closingReason = notification.data.reason;
    if (notification.event !== 'welcome') return this.listeners.onNotification(notification);
    this.listeners.onWelcome(notification.data).then(
      () => {
        this.#retryMs = firstRetryMs;
        this.#moves = 0;
      },
      (error: unknown) => {
        if (error instanceof SignallingFailure && error.retriable) client.close();
        else this.#end('refused', error instanceof Error ? error.message : '');
      },
    );
  }

  #move(client: SignallingClient, url: string): void {
    this.#movedTo = url;
    if (this.#moves++ >= maxMoves) return client.close();
    this.#connect();
    // It is not the client any more, so that its end does not count as a loss.
    client.close();
  }

  async #closed(client: SignallingClient, wasOpen: boolean): Promise<void> {
    if (this.#isOver || client !== this.#client) return;
    const reason = this.#closingReason;
    this.#closingReason = undefined;
    if (reason !== undefined && reason !== 'media-lost') return this.#end(reason, '');
    this.listeners.onLost();
    const wasMoved = this.#movedTo !== undefined;
    this.#movedTo = undefined;
    this.#moves = 0;
    if (!wasOpen && !wasMoved && (await this.#isTokenRefused())) return this.#end('token-refused', '');
    if (this.#isOver || client !== this.#client) return;
    this.#retryTimer = setTimeout(() => this.#connect(), this.#retryMs * (0.75 + Math.random() / 2));
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
  }

  #end(reason: Parameters<RoomLinkListeners['onOver']>[0], detail: string): void {
    if (this.#isOver) return;
    this.close();
    this.listeners.onOver(reason, detail);
  }

  /** A browser does not say why an upgrade was refused. */
  async #isTokenRefused(): Promise<boolean> {
    try {
      const { status } = await fetch(this.#address(this.options.origin, '/v1/rooms/access', 'http'), {
        cache: 'no-store',
      });
      return status === 401 || status === 403;
    } catch {
      return false;
    }
  }

  #address(base: string, path: string, scheme: 'ws' | 'http'): string {
    const url = new URL(base);
    url.protocol = url.protocol.replace(/^(http|ws)/, scheme);
    url.pathname = url.pathname.replace(/\/$/, '') + path;
    url.searchParams.set('token', this.#token);
    return url.href;
  }

  #retryNow = (): void => {
    if (this.#isOver || this.#client?.isOpen) return;
    clearTimeout(this.#retryTimer);
    this.#connect();
  };
}
