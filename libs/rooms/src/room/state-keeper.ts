/** How long after a change it is kept at the latest, and how long to wait after a failure. Milliseconds. */
const delayMs = 250;
const retryMs = 2_000;

/** Keeps the newest value somewhere durable soon after each change; never two writes at once. */
export class StateKeeper {
  #isDirty = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(
    private readonly options: {
      /** Writes the value as it is at the call. */
      write(): Promise<void>;
      onError(error: unknown): void;
    },
  ) {}

  /** The value has changed. */
  changed(): void {
    if (this.#isClosed) return;
    this.#isDirty = true;
    this.#schedule(delayMs);
  }

  /** Resolves when what changed before the call is kept, or could not be. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#isDirty) await this.#write();
  }

  /** Nothing more is kept. Idempotent. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#isDirty = false;
  }

  #schedule(waitMs: number): void {
    if (this.#timer !== undefined || this.#writing) return;
    this.#timer = setTimeout(() => void this.#write(), waitMs).unref();
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDirty = false;
    this.#writing = this.options
      .write()
      .then(
        () => delayMs,
        (error: unknown) => {
          this.#isDirty = !this.#isClosed;
          this.options.onError(error);
          return retryMs;
        },
      )
      .then((waitMs) => {
        this.#writing = undefined;
        if (this.#isDirty) this.#schedule(waitMs);
      });
    return this.#writing;
  }
}
