/**
 * Since when the database has answered, so that a process does not take for silence of others what it could not have heard
 * itself. All times in milliseconds of one monotonic clock.
 */
export class ConnectionWatch {
  #since = -Infinity;
  #lastAt = -Infinity;

  /** @param longestPauseMs between two answers; a longer one means that the database was away */
  constructor(private readonly longestPauseMs: number) {}

  /** The database has answered. */
  note(nowMs: number): void {
    if (nowMs - this.#lastAt > this.longestPauseMs) this.#since = nowMs;
    this.#lastAt = nowMs;
  }

  /** Whether it has answered all through the last `forMs`. */
  hasHeardFor(forMs: number, nowMs: number): boolean {
    return nowMs - this.#since >= forMs && nowMs - this.#lastAt <= this.longestPauseMs;
  }
}
