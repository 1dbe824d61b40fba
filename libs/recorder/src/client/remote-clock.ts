/** Epoch milliseconds of an exchange: sent and answered by this process's clock, in between by the recorder's. */
export type TimeSample = { sentAt: number; receivedAt: number; epochMs: number };

/** Samples that are compared: the one that took the shortest time knows best. */
const comparedSamples = 12;
/** How fast a running clock is corrected: half a millisecond a second, so that no packet's time jumps. */
const slewRate = 0.0005;

/** The recorder's clock as this process knows it. */
export class RemoteClock {
  private samples: TimeSample[] = [];
  private offsetMs: number | undefined;
  private correctedAt = 0;

  /** @param localMs epoch milliseconds that never jump */
  constructor(private readonly localMs: () => number) {}

  take(sample: TimeSample): void {
    this.samples = [...this.samples.slice(1 - comparedSamples), sample];
  }

  /** Takes the offset as it is known now, at once: before anything is stamped. */
  set(): void {
    this.offsetMs = this.best();
    this.correctedAt = this.localMs();
  }

  /** Now by the recorder's clock, epoch milliseconds with fractions. */
  readonly nowMs = (): number => {
    const nowMs = this.localMs();
    if (this.offsetMs === undefined) return nowMs + this.best();
    const mostMs = (nowMs - this.correctedAt) * slewRate;
    this.offsetMs += Math.min(mostMs, Math.max(-mostMs, this.best() - this.offsetMs));
    this.correctedAt = nowMs;
    return nowMs + this.offsetMs;
  };

  private best(): number {
    let best: TimeSample | undefined;
    for (const sample of this.samples) {
      if (!best || sample.receivedAt - sample.sentAt < best.receivedAt - best.sentAt) best = sample;
    }
    return best ? best.epochMs - (best.sentAt + best.receivedAt) / 2 : 0;
  }
}
