import type { Clock } from '../types.ts';

/** Where playback is: a place that runs with the clock at a rate, or stands still. Milliseconds. */
export class Playhead {
  #placeMs = 0;
  #sinceMs: number | null = null;
  #rate = 1;

  constructor(readonly clock: Clock) {}

  get positionMs(): number {
    if (this.#sinceMs === null) return this.#placeMs;
    return this.#placeMs + (this.clock.nowMs() - this.#sinceMs) * this.#rate;
  }

  get isRunning(): boolean {
    return this.#sinceMs !== null;
  }

  moveTo(positionMs: number): void {
    this.#placeMs = positionMs;
    if (this.#sinceMs !== null) this.#sinceMs = this.clock.nowMs();
  }

  setRate(rate: number): void {
    this.moveTo(this.positionMs);
    this.#rate = rate;
  }

  run(): void {
    this.#sinceMs ??= this.clock.nowMs();
  }

  stop(): void {
    this.#placeMs = this.positionMs;
    this.#sinceMs = null;
  }
}
