import { MediaError } from '../media-error.ts';
import { binaryHeaderBytes, packetHeaderBytes } from './dump-packet.ts';
import type { DumpPacket } from './dump-packet.ts';

/** Longest first line that is believed. */
const maxFirstLineBytes = 256;

/**
 * Reads an rtpdump file piece by piece. A last packet that is not whole, or a header that cannot be one (a torn write
 * leaves zeros), ends the reading there: everything before it stands, `intactBytes` says where to cut.
 */
export class DumpParser {
  /** Epoch milliseconds that `atMs` counts from; undefined until the header was read. */
  startedAt: number | undefined;
  /** Length of the file's readable beginning. */
  intactBytes = 0;
  /** What comes after this is no packet, and is not looked at. */
  isTorn = false;
  private rest: Uint8Array = new Uint8Array(0);
  private skippedBytes = 0;

  /** @throws MediaError `rtpdump-unreadable` when the file does not begin as rtpdump files do. */
  push(bytes: Uint8Array): DumpPacket[] {
    if (this.isTorn) {
      this.skippedBytes += bytes.length;
      return [];
    }
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    if (this.startedAt === undefined && !this.takeHeader()) return [];
    const packets: DumpPacket[] = [];
    let offset = 0;
    const view = new DataView(this.rest.buffer, this.rest.byteOffset, this.rest.byteLength);
    while (!this.isTorn && offset + packetHeaderBytes <= this.rest.length) {
      const length = view.getUint16(offset);
      const plen = view.getUint16(offset + 2);
      this.isTorn = length <= packetHeaderBytes || plen > length - packetHeaderBytes;
      if (this.isTorn || offset + length > this.rest.length) break;
      const data = this.rest.subarray(offset + packetHeaderBytes, offset + length);
      packets.push({ kind: plen === 0 ? 'rtcp' : 'rtp', atMs: view.getUint32(offset + 4), data });
      offset += length;
    }
    this.intactBytes += offset;
    this.rest = this.rest.subarray(offset);
    return packets;
  }

  /** Bytes at the end so far that are no whole packet. */
  get tornBytes(): number {
    return this.rest.length + this.skippedBytes;
  }

  private takeHeader(): boolean {
    const lineEnd = this.rest.indexOf(0x0a);
    const isHopeless = lineEnd < 0 ? this.rest.length > maxFirstLineBytes : false;
    const line = new TextDecoder('latin1').decode(this.rest.subarray(0, lineEnd < 0 ? 12 : lineEnd));
    if (isHopeless || (lineEnd >= 0 && !line.startsWith('#!rtpplay1.0 '))) {
      throw new MediaError(
        'rtpdump-unreadable',
        `expected the first line "#!rtpplay1.0 <address>/<port>", found "${line}"`,
      );
    }
    if (lineEnd < 0 || this.rest.length < lineEnd + 1 + binaryHeaderBytes) return false;
    const view = new DataView(this.rest.buffer, this.rest.byteOffset + lineEnd + 1, binaryHeaderBytes);
    this.startedAt = view.getUint32(0) * 1000 + view.getUint32(4) / 1000;
    this.intactBytes = lineEnd + 1 + binaryHeaderBytes;
    this.rest = this.rest.subarray(this.intactBytes);
    return true;
  }
}

export type DecodedDump = {
  /** Epoch milliseconds; undefined when even the header was torn. */
  startedAt: number | undefined;
  packets: DumpPacket[];
  /** Where to cut the file so that only whole packets remain. */
  intactBytes: number;
  tornBytes: number;
};

/** A whole rtpdump file in memory: for the recorder's objects of at most 5 s. @throws MediaError `rtpdump-unreadable` */
export function decodeDump(bytes: Uint8Array): DecodedDump {
  const parser = new DumpParser();
  const packets = parser.push(bytes);
  return { startedAt: parser.startedAt, packets, intactBytes: parser.intactBytes, tornBytes: parser.tornBytes };
}

/** Packets of a file of any length, one part in memory at a time. @throws MediaError `rtpdump-unreadable` */
export async function* readDump(parts: AsyncIterable<Uint8Array>): AsyncGenerator<DumpPacket, void, undefined> {
  const parser = new DumpParser();
  for await (const part of parts) yield* parser.push(part);
}
