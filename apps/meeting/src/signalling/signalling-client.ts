import type {
  Answers,
  Method,
  NotificationName,
  Notifications,
  RequestInput,
  SignallingErrorCode,
} from '@rushes/rooms/protocol';

/** A request that was refused or lost. `disconnected`: the socket closed before the answer. */
export class SignallingFailure extends Error {
  constructor(
    readonly code: SignallingErrorCode | 'disconnected',
    message: string,
    readonly retriable: boolean,
  ) {
    super(message);
    this.name = 'SignallingFailure';
  }
}

type AnyNotification = { [N in NotificationName]: { event: N; data: Notifications[N] } }[NotificationName];
type Incoming = {
  id: number;
  data?: unknown;
  error?: { code: SignallingErrorCode; message: string; retriable: boolean };
};
type Waiting = { resolve: (data: unknown) => void; reject: (error: Error) => void };

export type SignallingListeners = {
  onNotification(notification: AnyNotification): void;
  /** Once; after it every request fails. `wasOpen` false: the server could not be reached, or did not take the token. */
  onClosed(wasOpen: boolean): void;
};

/** One socket to the room: requests with answers, and notifications. It never reconnects; its owner makes a new one. */
export class SignallingClient {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #wasOpen = false;

  constructor(url: string, listeners: SignallingListeners) {
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({ data }) => this.#receive(String(data), listeners);
    this.#socket.onopen = () => (this.#wasOpen = true);
    this.#socket.onclose = () => {
      for (const { reject } of this.#waiting.values()) reject(disconnected());
      this.#waiting.clear();
      listeners.onClosed(this.#wasOpen);
    };
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** @throws SignallingFailure */
  request<M extends Method>(method: M, data: RequestInput[M]): Promise<Answers[M]> {
    if (!this.isOpen) return Promise.reject(disconnected());
    const id = this.#nextId++;
    return new Promise<Answers[M]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as Answers[M]), reject });
      this.#socket.send(JSON.stringify({ id, method, data }));
    });
  }

  close(): void {
    this.#socket.close(1000);
  }

  #receive(text: string, listeners: SignallingListeners): void {
    const frame = JSON.parse(text) as Incoming | AnyNotification;
    if ('event' in frame) return listeners.onNotification(frame);
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    const { error } = frame;
    if (error) waiting?.reject(new SignallingFailure(error.code, error.message, error.retriable));
    else waiting?.resolve(frame.data);
  }
}

function disconnected(): SignallingFailure {
  return new SignallingFailure('disconnected', 'Not connected to the meeting', true);
}
