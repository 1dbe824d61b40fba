/** Waits between attempts: doubling from `firstMs` to `mostMs`, each anywhere between half and all of it, so that pages do not return in step. */
export class BackOff {
  #attempt = 0;

  constructor(
    private readonly firstMs: number,
    private readonly mostMs: number,
    private readonly random: () => number = Math.random,
  ) {}

  nextMs(): number {
    const ceiling = Math.min(this.mostMs, this.firstMs * 2 ** this.#attempt++);
    return ceiling * (0.5 + this.random() / 2);
  }

  reset(): void {
    this.#attempt = 0;
  }
}
