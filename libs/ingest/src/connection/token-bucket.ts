/** Allows `perSecond` on average and `burst` at once. Time is passed in, milliseconds, monotonic. */
export class TokenBucket {
  #tokens: number;
  #filledMs: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    nowMs: number,
  ) {
    this.#tokens = burst;
    this.#filledMs = nowMs;
  }

  /** Takes `count` and returns 0, or takes nothing and returns how long to wait until they are there, milliseconds. */
  take(count: number, nowMs: number): number {
    this.#tokens = Math.min(this.burst, this.#tokens + ((nowMs - this.#filledMs) / 1000) * this.perSecond);
    this.#filledMs = nowMs;
    // More than the bucket ever holds: let it pass when the bucket is full, and owe the rest.
    const needed = Math.min(count, this.burst);
    if (this.#tokens < needed) return Math.ceil(((needed - this.#tokens) / this.perSecond) * 1000);
    this.#tokens -= count;
    return 0;
  }
}
