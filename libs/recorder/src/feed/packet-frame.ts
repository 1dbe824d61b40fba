import { DumpParser, encodeDumpHeader } from '@rushes/media';
import type { DumpPacket } from '@rushes/media';

const seqBytes = 4;

/** A binary message: the number of its first packet, then packets as `encodeDumpPacket` makes them. */
export function encodePacketFrame(firstSeq: number, records: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(seqBytes);
  new DataView(head.buffer).setUint32(0, firstSeq);
  return Buffer.concat([head, ...records]);
}

/** Reads the binary messages of one connection. */
export class PacketFrames {
  private readonly parser = new DumpParser();

  constructor() {
    this.parser.push(encodeDumpHeader(0));
  }

  /** undefined when the message is no whole packets, and for ever after. Packets are views into it. */
  decode(frame: Uint8Array): { firstSeq: number; packets: DumpPacket[] } | undefined {
    if (frame.length <= seqBytes) return undefined;
    const packets = this.parser.push(frame.subarray(seqBytes));
    if (this.parser.tornBytes > 0) return undefined;
    return { firstSeq: new DataView(frame.buffer, frame.byteOffset).getUint32(0), packets };
  }
}
