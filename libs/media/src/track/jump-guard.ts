import type { RtpPacket } from '../rtp/rtp-packet.ts';

export type ArrivedRtp = { packet: RtpPacket; atMs: number };
/** Packets that belong to the stream; `isJump`: from the first of them on its counters run elsewhere. */
export type Admitted = { packets: ArrivedRtp[]; isJump: boolean };

/** After a longer silence the counters may have gone anywhere. */
const silenceMs = 10_000;
/** A last packet after a longer silence is none. */
const longestSilenceMs = 3_600_000;
/** RFC 3550 A.1 (MAX_DROPOUT): no loss is longer. */
const mostLost = 3000;
/** Between the time that a stream's timestamps say and that of arrivals there is never so much. */
const mostDelayMs = 10_000;

type Relation = 'next' | 'after-silence' | 'elsewhere';

/**
 * Tells packets of one SSRC that cannot belong where they stand (a damaged header, a sender that counts at random) from a stream that
 * goes on elsewhere: one that follows neither the stream nor its successor is left out, two that follow each other are a jump. A packet
 * after a long silence belongs when the next one did not arrive before it.
 */
export class JumpGuard {
  private last: ArrivedRtp | undefined;
  private suspect: (ArrivedRtp & { relation: Relation }) | undefined;

  constructor(private readonly clockRate: number) {}

  push(arrived: ArrivedRtp): Admitted {
    const { suspect } = this;
    this.suspect = undefined;
    if (!suspect) return { packets: this.judge(arrived), isJump: false };
    if (suspect.relation === 'after-silence') {
      const before = arrived.atMs >= suspect.atMs ? this.admit(suspect) : [];
      return { packets: [...before, ...this.judge(arrived)], isJump: false };
    }
    const relation = this.relate(suspect, arrived);
    if (relation !== 'next') {
      const isFirst = !this.last && relation === 'after-silence';
      const before = isFirst ? this.admit(suspect) : [];
      return { packets: [...before, ...this.judge(arrived)], isJump: false };
    }
    const isJump = this.last !== undefined && this.relate(this.last, arrived) !== 'next';
    return { packets: [...this.admit(suspect), ...this.admit(arrived)], isJump };
  }

  /** At the end: a stream of a single packet is one. */
  flush(): ArrivedRtp[] {
    const { suspect, last } = this;
    if (!suspect || (last && suspect.relation === 'elsewhere')) return [];
    return last && suspect.atMs - last.atMs > longestSilenceMs ? [] : this.admit(suspect);
  }

  private judge(arrived: ArrivedRtp): ArrivedRtp[] {
    const relation = this.last ? this.relate(this.last, arrived) : 'elsewhere';
    if (relation === 'next') return this.admit(arrived);
    this.suspect = { ...arrived, relation };
    return [];
  }

  private admit({ packet, atMs }: ArrivedRtp): ArrivedRtp[] {
    this.last = { packet, atMs };
    return [this.last];
  }

  private relate(before: ArrivedRtp, { packet, atMs }: ArrivedRtp): Relation {
    const sinceMs = atMs - before.atMs;
    if (sinceMs > silenceMs) return 'after-silence';
    const numbers = ((packet.sequenceNumber - before.packet.sequenceNumber) << 16) >> 16;
    const ticks = (packet.timestamp - before.packet.timestamp) | 0;
    const isNear = Math.abs(numbers) < mostLost && Math.abs((ticks / this.clockRate) * 1000 - sinceMs) < mostDelayMs;
    return isNear ? 'next' : 'elsewhere';
  }
}
