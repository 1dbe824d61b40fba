import { isOpusNothing, leastSilenceTicks, opusPacketTicks, opusRate, opusSilence } from '../codecs/opus.ts';

/** A packet of the derived file. `atMs`: recording clock. */
export type AudioPacket = { data: Uint8Array; atMs: number; durationMs: number };

export type AudioArrival = {
  data: Uint8Array;
  /** Where its first sample stands on the recording clock. */
  atMs: number;
  /** Packets that never came, just before it. */
  lostBefore: number;
};

const msPerTick = 1000 / opusRate;
/** In running sound a sender clock that drifts is followed in steps of a packet, so that they are rare. */
const toleranceMs = 20;
/** In quiet sound a step is not heard, and is made sooner. */
const quietToleranceMs = 10;
/** Opus packets of 20 ms that are smaller hold near silence. */
const quietBytes = 20;

/**
 * Lays Opus packets end to end so that a player that only counts samples stays within {@link toleranceMs} of the
 * recording clock: what is missing is filled with silence to within 2.5 ms, and a drifting sender's packets are now and
 * then followed by silence or left out. Packets keep the timestamps of their RTP times.
 */
export class AudioTimeline {
  /** Where a player that counts samples is, on the recording clock, after everything written. */
  private cursorMs = 0;
  /** Where the sender's sound ended. */
  private soundEndMs: number | undefined;
  private lastAtMs = -Infinity;
  private isStereo = false;

  constructor(
    private readonly sink: {
      onPacket(packet: AudioPacket): void;
      /** A stretch for which the sender has no sound here. */
      onMissing(fromMs: number, toMs: number, wasLost: boolean): void;
    },
  ) {}

  push({ data, atMs, lostBefore }: AudioArrival): void {
    const ticks = opusPacketTicks(data);
    if (ticks === 0) return;
    const durationMs = ticks * msPerTick;
    this.isStereo = (data[0]! & 4) !== 0;
    if (this.soundEndMs === undefined) this.cursorMs = atMs;
    else if (!this.catchUp(atMs, atMs - this.soundEndMs > durationMs / 2, data, lostBefore)) return;
    this.soundEndMs = atMs + durationMs;
    if (!isOpusNothing(data)) this.write(data, atMs, durationMs);
    else this.fill(durationMs);
  }

  /** Where the sound ends, on the recording clock; undefined when there was none. */
  get endMs(): number | undefined {
    return this.soundEndMs;
  }

  /** @returns false when the packet is to be left out. */
  private catchUp(atMs: number, isGap: boolean, data: Uint8Array, lostBefore: number): boolean {
    const aheadMs = atMs - this.cursorMs;
    const limitMs = data.length < quietBytes ? quietToleranceMs : toleranceMs;
    if (isGap) this.sink.onMissing(this.soundEndMs!, atMs, lostBefore > 0);
    if (isGap || aheadMs > limitMs) this.fill(aheadMs);
    if (aheadMs >= -limitMs) return true;
    // The sender's clock runs fast: its sound is a packet longer than the time it took.
    this.soundEndMs = Math.max(this.soundEndMs!, atMs);
    return false;
  }

  private fill(ms: number): void {
    const ticks = Math.round(ms / msPerTick / leastSilenceTicks) * leastSilenceTicks;
    for (const packet of opusSilence(ticks, this.isStereo))
      this.write(packet.data, this.cursorMs, packet.ticks * msPerTick);
  }

  private write(data: Uint8Array, atMs: number, durationMs: number): void {
    this.lastAtMs = Math.max(this.lastAtMs, atMs);
    this.sink.onPacket({ data, atMs: this.lastAtMs, durationMs });
    this.cursorMs += durationMs;
  }
}
