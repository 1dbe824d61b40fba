import { readFile } from 'node:fs/promises';

const payloadBytes = 1180;
/** OBU types that senders leave out. */
const [delimiter, tileList, padding] = [2, 8, 15];

/**
 * The RTP packets (AOM's RTP specification) of an AV1 file in ffmpeg's `ivf` form, a timestamp a picture. ffmpeg packs AV1 into RTP only
 * from 8.0 on. Packets of up to three elements leave out the last one's length, as all may; others tell it for every element.
 */
export async function packetiseAv1(path: string, fps: number): Promise<Uint8Array[]> {
  const packets: Uint8Array[] = [];
  let picture = 0;
  for (const unit of readIvf(await readFile(path))) {
    const payloads = payloadsOf(obusOf(unit));
    payloads.forEach((payload, index) => {
      const header = Buffer.alloc(12);
      header[0] = 0x80;
      header[1] = (index === payloads.length - 1 ? 0x80 : 0) | 98;
      header.writeUInt16BE(packets.length & 0xffff, 2);
      header.writeUInt32BE((picture * 90_000) / fps, 4);
      packets.push(Buffer.concat([header, payload]));
    });
    picture++;
  }
  return packets;
}

function* readIvf(file: Buffer): Generator<Buffer> {
  for (let at = file.readUInt16LE(6); at + 12 <= file.length;) {
    const length = file.readUInt32LE(at);
    yield file.subarray(at + 12, at + 12 + length);
    at += 12 + length;
  }
}

/** OBUs without their sizes, and without those that are not sent. */
function obusOf(unit: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < unit.length;) {
    const first = unit[at]!;
    const headerLength = first & 4 ? 2 : 1;
    let [length, shift, end] = [0, 0, at + headerLength];
    for (let more = true; more; shift += 7) {
      const byte = unit[end++]!;
      length += (byte & 0x7f) << shift;
      more = byte >= 0x80;
    }
    const header = Buffer.from(unit.subarray(at, at + headerLength));
    header[0]! &= ~2;
    const obu = Buffer.concat([header, unit.subarray(end, end + length)]);
    if (![delimiter, tileList, padding].includes((first >> 3) & 15)) found.push(obu);
    at = end + length;
  }
  return found;
}

function payloadsOf(obus: readonly Buffer[]): Buffer[] {
  const payloads: Buffer[] = [];
  let elements: Buffer[] = [];
  let goesOn = false;
  const flush = (isUnfinished: boolean): void => {
    if (elements.length === 0) return;
    const count = elements.length > 3 ? 0 : elements.length;
    const header = (goesOn ? 0x80 : 0) | (isUnfinished ? 0x40 : 0) | (count << 4);
    const parts = elements.flatMap((element, index) => (index === count - 1 ? [element] : [leb128(element), element]));
    payloads.push(Buffer.concat([Buffer.of(header), ...parts]));
    elements = [];
    goesOn = isUnfinished;
  };
  for (const obu of obus) {
    for (let at = 0; at < obu.length;) {
      const room = payloadBytes - elements.reduce((sum, { length }) => sum + length + 2, 0);
      if (room < 16) {
        flush(false);
        continue;
      }
      elements.push(obu.subarray(at, at + room));
      at += room;
      if (at < obu.length) flush(true);
    }
  }
  flush(false);
  return payloads;
}

function leb128({ length }: Buffer): Buffer {
  return length < 0x80 ? Buffer.of(length) : Buffer.of((length & 0x7f) | 0x80, length >> 7);
}
