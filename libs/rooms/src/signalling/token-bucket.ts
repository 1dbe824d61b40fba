/** Allows `perSecond` on average and up to `burst` at once. */
export class TokenBucket {
  #tokens: number;
  #filledAtMs: number;

  /** `nowMs`: any monotonic clock, milliseconds; the same one in every call. */
  constructor(
    private readonly limits: { perSecond: number; burst: number },
    nowMs: number,
  ) {
    this.#tokens = limits.burst;
    this.#filledAtMs = nowMs;
  }

  /** Takes one if there is one. */
  take(nowMs: number): boolean {
    const { perSecond, burst } = this.limits;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * perSecond);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
