/** Ticks of a video's RTP clock in a millisecond. */
const ticksPerMs = 90;
const fixedHeaderBytes = 12;
/** A picture is encoded and on its way within this of its capture, the quickest of them: milliseconds. */
const quickestMs = 25;

/** When a sender captured the pictures that it sent, as its packets say before any trouble: headers of SRTP can be read by anyone. */
export class SentPictures {
  private readonly streams = new Map<number, { ticks: number; atMs: number }[]>();

  /** Takes note of a UDP datagram, whatever it is. `atMs`: epoch milliseconds. */
  note(datagram: Buffer, atMs: number): void {
    if (!isRtp(datagram)) return;
    const [ticks, ssrc] = [datagram.readUInt32BE(4), datagram.readUInt32BE(8)];
    const pictures = this.streams.get(ssrc);
    const last = pictures?.at(-1);
    if (!pictures || !last) return void this.streams.set(ssrc, [{ ticks, atMs }]);
    const forward = (ticks - last.ticks) | 0;
    if (forward > 0) pictures.push({ ticks: last.ticks + forward, atMs });
  }

  /** Epoch milliseconds, each at most {@link quickestMs} too late and never too early. Ascending for each stream. */
  capturedMs(ssrcs: readonly number[]): number[] {
    return ssrcs.flatMap((ssrc) => {
      const pictures = this.streams.get(ssrc) ?? [];
      const zeroMs = pictures.reduce((least, { ticks, atMs }) => Math.min(least, atMs - ticks / ticksPerMs), Infinity);
      return pictures.map(({ ticks }) => zeroMs + ticks / ticksPerMs);
    });
  }
}

/** Whether one of the pictures was certainly captured in that time. Epoch milliseconds. */
export function isCaptured(capturedMs: readonly number[], fromMs: number, toMs: number): boolean {
  return capturedMs.some((atMs) => atMs - quickestMs >= fromMs && atMs <= toMs);
}

/** RFC 7983 and RFC 5761: neither STUN, DTLS nor RTCP. */
function isRtp(datagram: Buffer): boolean {
  if (datagram.length < fixedHeaderBytes || datagram[0]! >> 6 !== 2) return false;
  const payloadType = datagram[1]! & 0x7f;
  return payloadType < 64 || payloadType > 95;
}
