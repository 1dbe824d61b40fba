import { binaryHeaderBytes, dumpFirstLine, maxPacketBytes, packetHeaderBytes } from './dump-packet.ts';
import type { DumpPacket } from './dump-packet.ts';

/** The beginning of an rtpdump file. `startedAt`: epoch milliseconds that the packets' `atMs` count from. */
export function encodeDumpHeader(startedAt: number): Uint8Array {
  const line = new TextEncoder().encode(dumpFirstLine);
  const bytes = new Uint8Array(line.length + binaryHeaderBytes);
  bytes.set(line);
  const view = new DataView(bytes.buffer, line.length);
  view.setUint32(0, Math.floor(startedAt / 1000));
  view.setUint32(4, Math.round((startedAt % 1000) * 1000));
  view.setUint32(8, 0x7f000001);
  view.setUint16(12, 5004);
  return bytes;
}

/**
 * One packet, to be appended after the header or another packet.
 * @throws RangeError when the packet is longer than the format can say (65 527 bytes).
 */
export function encodeDumpPacket({ kind, atMs, data }: DumpPacket): Uint8Array {
  if (data.length > maxPacketBytes)
    throw new RangeError(`packet of ${data.length} bytes, expected at most ${maxPacketBytes}`);
  const bytes = new Uint8Array(packetHeaderBytes + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, bytes.length);
  view.setUint16(2, kind === 'rtp' ? data.length : 0);
  view.setUint32(4, Math.max(0, Math.floor(atMs)));
  bytes.set(data, packetHeaderBytes);
  return bytes;
}
