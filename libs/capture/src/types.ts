import type { z } from 'zod';
import type {
  BrowserEventType,
  CaptureRefusal,
  eventCatalogue,
  PluginEventType,
  TimelinePlugin,
} from '@rushes/timeline';

export type CaptureOptions = {
  /** The gateway's `/v1/capture`; `http(s):` and `ws(s):` URLs are taken, also relative to the page. */
  endpoint: string;
  /** Short-lived capture token, as `POST /v1/tokens` issues it with `scope: 'capture'`. */
  token: string;
  /** Asked for a fresh token when the gateway no longer takes the present one. */
  getToken?: () => Promise<string>;
  /**
   * Names the captured page among several of one participant (letters, digits, `-`, `_`): the surface is then
   * `<participantId>-<surface>`. Default: the participant's only surface, `<participantId>`.
   */
  surface?: string;
  /** Whose events {@link Capture.emit} checks before sending; events of other plugins are only checked for size. */
  plugins?: readonly TimelinePlugin[];
  /** Whether the page itself is recorded. Default true; false sends app events only. */
  recordDom?: boolean;
  /** Whether what is typed into form fields is replaced by asterisks. Default true. */
  maskInputs?: boolean;
  /** Elements that are recorded as empty boxes of their size. Default: none but `.rr-block` and `[data-rushes-block]`. */
  blockSelector?: string;
  /** Elements whose text is masked. Default: `.rr-mask` and `[data-rushes-mask]`. */
  maskTextSelector?: string;
  /** Milliseconds between full snapshots. Default 25000; never over 30000. */
  snapshotIntervalMs?: number;
  /** How much may wait for acknowledgement before DOM events are dropped and a gap is noted, bytes. Default 32 MB. */
  maxBufferedBytes?: number;
};

/**
 * `idle`: not started, or stopped. `connecting`: no welcome yet, events are kept. `open`: events flow.
 * `waiting`: connection lost, next attempt comes by itself. `refused`: the token is not taken and there is no `getToken`.
 */
export type CaptureState = 'idle' | 'connecting' | 'open' | 'waiting' | 'refused';

export type CaptureEvents = {
  'state-changed': { state: CaptureState };
  /** Everything emitted so far is durable. */
  acknowledged: { pending: number };
  /** The gateway refused an event for good, or there was no room to keep it. */
  dropped: { type: string; seq: number | null; code: CaptureRefusal | 'buffer-full'; message: string };
};

export type BrowserEventData<T extends BrowserEventType> = z.input<(typeof eventCatalogue)[T]>;

/** One page's road to the gateway. */
export type Capture = {
  readonly state: CaptureState;
  /** Events not yet acknowledged, older page loads' included. */
  readonly pending: number;
  /**
   * Puts an app event on the timeline at this instant. Works before {@link Capture.start} and while offline.
   * @throws CaptureError `event-invalid` naming the field and what was expected; `event-unknown`; `stopped`.
   */
  emit<T extends BrowserEventType>(type: T, data: BrowserEventData<T>): void;
  emit(type: PluginEventType, data: unknown): void;
  /** Connects and begins to record the page. Idempotent. */
  start(): void;
  /** Ends recording, sends what is left and closes; resolves when all is acknowledged or after `timeoutMs` (default 5000). */
  stop(options?: { timeoutMs?: number }): Promise<void>;
  /** Resolves when everything emitted before the call is durable at the gateway (or was refused for good). */
  whenAcknowledged(): Promise<void>;
  /** Returns a function that takes the listener off. */
  on<E extends keyof CaptureEvents>(event: E, listener: (detail: CaptureEvents[E]) => void): () => void;
};
