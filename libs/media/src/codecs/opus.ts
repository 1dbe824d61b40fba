/** Samples a second that Opus timestamps count, whatever the source's rate (RFC 7587). */
export const opusRate = 48_000;

/** Frame length in ticks of 1/48000 s, by configuration number (RFC 6716 table 2). */
function frameTicks(toc: number): number {
  const config = toc >> 3;
  if (config < 12) return [480, 960, 1920, 2880][config % 4]!;
  if (config < 16) return [480, 960][config % 2]!;
  return [120, 240, 480, 960][config % 4]!;
}

/** Length of an Opus packet in ticks of 1/48000 s; 0 when it is malformed. */
export function opusPacketTicks(packet: Uint8Array): number {
  const toc = packet[0];
  if (toc === undefined) return 0;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f;
  const ticks = frames * frameTicks(toc);
  // RFC 6716 3.4: at most 120 ms.
  return ticks <= 5760 ? ticks : 0;
}

/** A packet without sound data: the encoder sent only that there is nothing (DTX). */
export function isOpusNothing(packet: Uint8Array): boolean {
  return packet.length <= 2;
}

/** The finest stretch of silence that Opus can say. */
export const leastSilenceTicks = 120;
/** CELT, full band, by length in ticks. */
const silentConfigs = new Map([
  [120, 28],
  [240, 29],
  [480, 30],
  [960, 31],
]);

/**
 * Packets of digital silence that together last `ticks`, rounded down to 2.5 ms. The packets are those that libopus makes
 * of zeros; `isStereo` keeps the channel bit of the packets around them.
 */
export function opusSilence(ticks: number, isStereo: boolean): { data: Uint8Array; ticks: number }[] {
  const packets: { data: Uint8Array; ticks: number }[] = [];
  let left = ticks;
  for (const length of [960, 480, 240, 120]) {
    const toc = (silentConfigs.get(length)! << 3) | (isStereo ? 4 : 0);
    for (; left >= length; left -= length) packets.push({ data: Uint8Array.of(toc, 0xff, 0xfe), ticks: length });
  }
  return packets;
}

/** OpusHead (RFC 7845 5.1), what files keep as codec private data. */
export function opusHead(channels: number): Uint8Array {
  const head = new Uint8Array(19);
  head.set(new TextEncoder().encode('OpusHead'));
  const view = new DataView(head.buffer);
  view.setUint8(8, 1);
  view.setUint8(9, channels);
  // No pre-skip: the stream is joined while it runs, there is no encoder delay to drop that the timestamps would not show.
  view.setUint16(10, 0, true);
  view.setUint32(12, opusRate, true);
  return head;
}
