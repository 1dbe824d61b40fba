import type { RtpPacket } from '@rushes/media';

/** A packet that has not come after this long will not come: NACK's first retries are over. */
const lossMs = 400;
const leastIntervalMs = 1000;
/** More missing packets than this are one loss. */
const mostMissing = 1000;

/**
 * Says when a video track should be asked for a key frame: after a loss that was not repaired, every `intervalMs` so that the file
 * can be sought in, and again when none has come; at most once a second. The first one is asked for by whoever starts.
 */
export class KeyFramePolicy {
  private ssrc: number | undefined;
  private highest: number | undefined;
  /** Sequence number to when its absence was seen. */
  private readonly missing = new Map<number, number>();
  private lastRequestMs: number;
  private isAwaited = true;

  constructor(
    private readonly intervalMs: number,
    startMs: number,
  ) {
    this.lastRequestMs = startMs;
  }

  /** Takes note of a packet; `beginsKeyFrame` is asked only while one is awaited. @returns whether one is to be asked for now */
  shouldRequest(
    { ssrc, sequenceNumber }: Pick<RtpPacket, 'ssrc' | 'sequenceNumber'>,
    atMs: number,
    beginsKeyFrame: () => boolean,
  ): boolean {
    this.isAwaited &&= !beginsKeyFrame();
    // Another layer counts by itself.
    if (ssrc !== this.ssrc) this.restart(ssrc);
    this.follow(sequenceNumber, atMs);
    if (atMs - this.lastRequestMs < leastIntervalMs) return false;
    const oldest = this.missing.values().next().value;
    const hasLoss = oldest !== undefined && atMs - oldest >= lossMs;
    if (!hasLoss && atMs - this.lastRequestMs < this.intervalMs) return false;
    this.lastRequestMs = atMs;
    this.missing.clear();
    return (this.isAwaited = true);
  }

  /** To be asked every second or so: the request or the key frame may itself have been lost, and without one nothing comes at all. */
  shouldRepeat(atMs: number): boolean {
    if (!this.isAwaited || atMs - this.lastRequestMs < leastIntervalMs) return false;
    this.lastRequestMs = atMs;
    return true;
  }

  private restart(ssrc: number): void {
    this.ssrc = ssrc;
    this.highest = undefined;
    this.missing.clear();
  }

  private follow(sequenceNumber: number, atMs: number): void {
    const forward = this.highest === undefined ? 1 : (sequenceNumber - this.highest) & 0xffff;
    if (forward === 0 || forward >= 0x8000) {
      this.missing.delete(sequenceNumber);
      return;
    }
    for (let ahead = 1; ahead < Math.min(forward, mostMissing); ahead++) {
      if (this.missing.size < mostMissing) this.missing.set((this.highest! + ahead) & 0xffff, atMs);
    }
    this.highest = sequenceNumber;
  }
}
