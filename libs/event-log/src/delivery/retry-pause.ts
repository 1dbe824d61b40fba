import type { DeliveryOptions } from './delivery-options.ts';

/** The waits between attempts of one subscription; all end when it is closed. */
export class RetryPause {
  readonly #closed = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(
    private readonly group: string,
    private readonly options: Required<DeliveryOptions>,
  ) {}

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Tells of a failure and waits, longer with each attempt. @returns false when nothing is to be tried any more */
  async afterFailure(error: unknown, attempt: number): Promise<boolean> {
    if (this.#isClosed) return false;
    const { firstRetryMs, maxRetryMs, onFailure } = this.options;
    const retryInMs = Math.min(firstRetryMs * 2 ** (attempt - 1), maxRetryMs);
    onFailure({ group: this.group, error, attempt, retryInMs });
    return this.wait(retryInMs);
  }

  /** Tries until it succeeds. @returns false when it was closed before, or `isWanted` says no */
  async insist(work: () => Promise<void>, isWanted: () => boolean = () => true): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await work();
        return true;
      } catch (error) {
        if (!(await this.afterFailure(error, attempt)) || !isWanted()) return false;
      }
    }
  }

  /** @returns false when it was closed before the time was over */
  async wait(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([over, this.#closed.promise]);
    clearTimeout(timer);
    return !this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    this.#closed.resolve();
  }
}
