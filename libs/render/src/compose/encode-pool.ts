/** Runs jobs, at most so many at once, in the order given. The first failure is everybody's: see {@link EncodePool.whenIdle}. */
export class EncodePool {
  private readonly waiting: (() => void)[] = [];
  private readonly running = new Set<Promise<void>>();
  private failure: { cause: unknown } | undefined;

  constructor(private readonly size: number) {}

  /** Resolves when the job has ended. @throws what the job threw. */
  async run(job: () => Promise<void>): Promise<void> {
    while (this.running.size >= this.size) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.failure) throw this.failure.cause;
    const work = job();
    this.running.add(work);
    try {
      await work;
    } catch (cause) {
      this.failure ??= { cause };
      throw cause;
    } finally {
      this.running.delete(work);
      this.waiting.shift()?.();
    }
  }

  /** @throws the first failure. */
  check(): void {
    if (this.failure) throw this.failure.cause;
  }
}
