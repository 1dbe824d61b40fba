import type { RtpPacket } from '../rtp/rtp-packet.ts';

export type ArrivedRtp = { packet: RtpPacket; atMs: number };
/** Packets that belong to the stream; `isJump`: from the first of them on its counters run elsewhere. */
export type Admitted = { packets: ArrivedRtp[]; isJump: boolean };

/** After a longer silence the counters may have gone anywhere. */
const silenceMs = 10_000;
/** RFC 3550 A.1 (MAX_DROPOUT): no loss is longer. */
const mostLost = 3000;
/** Between the time that a stream's timestamps say and that of arrivals there is never so much. */
const mostDelayMs = 10_000;

const nothing: Admitted = { packets: [], isJump: false };

/**
 * Tells packets of one SSRC that cannot belong where they stand (a damaged header, a sender that counts at random) from a stream that
 * goes on elsewhere: one that follows neither the stream nor its successor is left out, two that follow each other are a jump.
 */
export class JumpGuard {
  private last: ArrivedRtp | undefined;
  private suspect: ArrivedRtp | undefined;

  constructor(private readonly clockRate: number) {}

  push(arrived: ArrivedRtp): Admitted {
    const { last, suspect } = this;
    if (last && this.follows(last, arrived)) return this.admit([arrived], false);
    if (suspect && this.follows(suspect, arrived)) return this.admit([suspect, arrived], last !== undefined);
    this.suspect = arrived;
    return nothing;
  }

  /** At the end: a stream of a single packet is one. */
  flush(): ArrivedRtp[] {
    return this.suspect && !this.last ? this.admit([this.suspect], false).packets : [];
  }

  private admit(packets: ArrivedRtp[], isJump: boolean): Admitted {
    this.last = packets.at(-1);
    this.suspect = undefined;
    return { packets, isJump };
  }

  private follows(before: ArrivedRtp, { packet, atMs }: ArrivedRtp): boolean {
    const sinceMs = atMs - before.atMs;
    if (sinceMs > silenceMs) return true;
    const numbers = ((packet.sequenceNumber - before.packet.sequenceNumber) << 16) >> 16;
    const ticks = (packet.timestamp - before.packet.timestamp) | 0;
    return Math.abs(numbers) < mostLost && Math.abs((ticks / this.clockRate) * 1000 - sinceMs) < mostDelayMs;
  }
}
