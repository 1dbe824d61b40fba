/** Least time between two attempts to end a loss with a new snapshot, milliseconds. */
const pauseMs = 5_000;

/** Remembers since when parts of the recorded page are missing. */
export class LossLedger {
  #fromMs: number | undefined;
  #triedMs = -Infinity;

  get isOpen(): boolean {
    return this.#fromMs !== undefined;
  }

  /** @param fromMs recording clock */
  open(fromMs: number): void {
    this.#fromMs = Math.min(this.#fromMs ?? Infinity, fromMs);
  }

  /** Since when something was missing, if it was. */
  close(): number | undefined {
    const fromMs = this.#fromMs;
    this.#fromMs = undefined;
    return fromMs;
  }

  /** Whether a new snapshot may be tried; counts as a try. @param nowMs page clock */
  mayTry(nowMs: number): boolean {
    if (nowMs - this.#triedMs < pauseMs) return false;
    this.#triedMs = nowMs;
    return true;
  }
}
