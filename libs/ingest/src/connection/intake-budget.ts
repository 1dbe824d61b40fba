/**
 * Bounds what all connections together hold in memory: who comes when it is used up is let go on when there is room again, in
 * turn.
 */
export class IntakeBudget {
  readonly #waiting = new Set<() => void>();
  #heldBytes = 0;

  constructor(private readonly maxBytes: number) {}

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get isUsedUp(): boolean {
    return this.#heldBytes >= this.maxBytes;
  }

  /** What has arrived is held, also beyond the bounds. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes;
    for (const resume of this.#waiting) {
      if (this.isUsedUp) return;
      this.#waiting.delete(resume);
      resume();
    }
  }

  /** `resume` is called once when there is room. */
  wait(resume: () => void): void {
    this.#waiting.add(resume);
  }

  forget(resume: () => void): void {
    this.#waiting.delete(resume);
  }
}
