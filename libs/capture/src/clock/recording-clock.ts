/** One exchange with the gateway: page clock at sending and receiving, recording clock in between; milliseconds. */
export type ClockSample = { sentMs: number; receivedMs: number; recordingMs: number };

/** How many samples the best one is taken from. */
const windowSize = 12;
/** Largest correction per elapsed time: a video's lip sync is not disturbed by 0.5 %. */
const slewRate = 0.005;
/** The page's clock stood still (a machine asleep): follow at once instead of slewing for minutes. */
const stepMs = 500;

/**
 * The recording clock as seen from a page. Each sample bounds the offset by half its round trip, so the one with the
 * shortest is believed (the filter of NTP); the offset moves towards it slowly.
 */
export class RecordingClock {
  readonly #samples: ClockSample[] = [];
  #offsetMs: number | undefined;
  #adjustedAtMs = 0;

  /** Whether a sample has come yet; {@link at} needs one. */
  get isKnown(): boolean {
    return this.#offsetMs !== undefined;
  }

  /** Half the best round trip: the offset is not further off than this. */
  get uncertaintyMs(): number {
    const best = this.best();
    return best ? roundTripMs(best) / 2 : Infinity;
  }

  add(sample: ClockSample): void {
    const before = this.isKnown ? this.offsetAt(sample.receivedMs) : undefined;
    this.#samples.push(sample);
    if (this.#samples.length > windowSize) this.#samples.shift();
    const target = offsetOf(this.best()!);
    const isFarOff = before !== undefined && Math.abs(offsetOf(sample) - before) > stepMs + roundTripMs(sample) / 2;
    if (isFarOff) this.#samples.splice(0, this.#samples.length - 1);
    if (before === undefined || isFarOff) this.#offsetMs = isFarOff ? offsetOf(sample) : target;
    else this.#offsetMs = before;
    this.#adjustedAtMs = sample.receivedMs;
  }

  /** Recording clock at an instant of the page's clock, whole milliseconds, not below 0. @throws RangeError before the first sample */
  at(pageMs: number): number {
    if (this.#offsetMs === undefined) throw new RangeError('The recording clock is not known yet.');
    return Math.max(0, Math.round(pageMs + this.offsetAt(pageMs)));
  }

  private offsetAt(pageMs: number): number {
    const current = this.#offsetMs ?? 0;
    const target = offsetOf(this.best()!);
    const reach = Math.max(0, pageMs - this.#adjustedAtMs) * slewRate;
    return current + Math.min(reach, Math.max(-reach, target - current));
  }

  private best(): ClockSample | undefined {
    return this.#samples.reduce<ClockSample | undefined>(
      (best, sample) => (best === undefined || roundTripMs(sample) < roundTripMs(best) ? sample : best),
      undefined,
    );
  }
}

function roundTripMs(sample: ClockSample): number {
  return sample.receivedMs - sample.sentMs;
}

function offsetOf(sample: ClockSample): number {
  return sample.recordingMs - (sample.sentMs + sample.receivedMs) / 2;
}
