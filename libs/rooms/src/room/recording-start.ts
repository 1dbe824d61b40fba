import type { Happening } from './room-options.ts';

/** Longest time from a recording's snapshot to its start, milliseconds; one that has not begun by then never does. */
const patienceMs = 10_000;

/** Keeps what pages state between the snapshot that a recording begins with and its beginning. */
export class RecordingStart {
  #pending: { sinceMs: number; happenings: Happening[] } | undefined;

  /** The snapshot is taken now. */
  begin(nowMs: number): void {
    this.#pending = { sinceMs: nowMs, happenings: [] };
  }

  /** Keeps `happening` if a recording is about to begin. */
  keep(happening: Happening, nowMs: number): void {
    if (this.#pending && nowMs - this.#pending.sinceMs > patienceMs) this.#pending = undefined;
    this.#pending?.happenings.push(happening);
  }

  /** The recording has begun: what is neither in its snapshot nor in itself. */
  take(nowMs: number): readonly Happening[] {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending && nowMs - pending.sinceMs <= patienceMs ? pending.happenings : [];
  }
}
