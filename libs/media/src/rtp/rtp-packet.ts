export type RtpPacket = {
  marker: boolean;
  payloadType: number;
  /** 16 bits. */
  sequenceNumber: number;
  /** 32 bits. */
  timestamp: number;
  ssrc: number;
  /** Without header, extensions and padding; a view into the packet. */
  payload: Uint8Array;
};

/** RFC 3550 5.1; undefined when the bytes are no RTP packet (or RTCP). */
export function parseRtp(data: Uint8Array): RtpPacket | undefined {
  if (data.length < 12 || data[0]! >> 6 !== 2) return undefined;
  const payloadType = data[1]! & 0x7f;
  // RTCP's 200 to 223 read as RTP payload types 72 to 95, which nobody uses (RFC 5761).
  if (payloadType >= 72 && payloadType <= 95) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let start = 12 + (data[0]! & 0x0f) * 4;
  if (data[0]! & 0x10) {
    if (start + 4 > data.length) return undefined;
    start += 4 + view.getUint16(start + 2) * 4;
  }
  const end = data.length - (data[0]! & 0x20 ? data[data.length - 1]! : 0);
  if (start > end) return undefined;
  return {
    marker: data[1]! >= 0x80,
    payloadType,
    sequenceNumber: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: data.subarray(start, end),
  };
}
