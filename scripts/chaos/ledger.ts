import type { RecordingId } from '@rushes/timeline';

/** Of one numbered event: who said it and which one it is, `client-1:42`. */
export type EventKey = string;

export function eventKey(client: string, n: number): EventKey {
  return `${client}:${n}`;
}

/** What the gateways have acknowledged, and during which case of the run. */
export class Ledger {
  /** By recording: each acknowledged event and the case in which it was. */
  readonly acknowledged = new Map<RecordingId, Map<EventKey, string>>();
  /** Instants of acknowledgement, epoch milliseconds, in order. */
  readonly #instants: number[] = [];
  /** Events that were refused for good, with the reason. */
  readonly refused: string[] = [];
  /** The case that runs. */
  currentCase = 'start';

  acknowledge(recordingId: RecordingId, keys: readonly EventKey[]): void {
    let known = this.acknowledged.get(recordingId);
    if (!known) this.acknowledged.set(recordingId, (known = new Map<EventKey, string>()));
    for (const key of keys) known.set(key, this.currentCase);
    this.#instants.push(Date.now());
  }

  /** How many events were acknowledged in a case. */
  countOf(name: string): number {
    let count = 0;
    for (const events of this.acknowledged.values()) for (const each of events.values()) if (each === name) count++;
    return count;
  }

  /** How many batches were acknowledged after an instant, epoch milliseconds. */
  countAfter(atMs: number): number {
    return this.#instants.length - this.#instants.findLastIndex((instant) => instant <= atMs) - 1;
  }

  /** The longest stretch without an acknowledgement from `fromMs` (epoch milliseconds) until now. */
  longestSilenceMs(fromMs: number): number {
    const instants = [fromMs, ...this.#instants.filter((instant) => instant >= fromMs), Date.now()];
    return Math.max(...instants.slice(1).map((instant, index) => instant - instants[index]!));
  }
}
