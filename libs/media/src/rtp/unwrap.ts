const timestampRange = 2 ** 32;
const sequenceRange = 2 ** 16;
/** A silence after which sequence numbers are taken to have gone on, however far: half the range of a busy stream. */
const longSilenceMs = 10_000;

/**
 * 32-bit RTP timestamps to a count that never wraps (RFC 3550 calls it the extended timestamp). The arrival tells how
 * many times the clock went round, so a mute of any length is right.
 */
export class TimestampUnwrapper {
  private last: { ticks: number; atMs: number } | undefined;

  constructor(private readonly clockRate: number) {}

  unwrap(timestamp: number, atMs: number): number {
    let ticks = timestamp;
    if (this.last) {
      const expected = this.last.ticks + ((atMs - this.last.atMs) * this.clockRate) / 1000;
      ticks += Math.round((expected - timestamp) / timestampRange) * timestampRange;
    }
    this.last = { ticks, atMs };
    return ticks;
  }
}

/** 16-bit RTP sequence numbers to a count that never wraps. */
export class SequenceUnwrapper {
  private highest: number | undefined;
  private lastAtMs = 0;

  unwrap(sequenceNumber: number, atMs: number): number {
    const { highest } = this;
    const wasSilent = atMs - this.lastAtMs > longSilenceMs;
    this.lastAtMs = atMs;
    if (highest === undefined) return (this.highest = sequenceNumber);
    const forward = (((sequenceNumber - highest) % sequenceRange) + sequenceRange) % sequenceRange;
    const isBehind = !wasSilent && forward >= sequenceRange / 2;
    const sequence = highest + forward - (isBehind ? sequenceRange : 0);
    this.highest = Math.max(highest, sequence);
    return sequence;
  }
}
