import type { FileHandle } from 'node:fs/promises';

const containers = new Set(['moov', 'trak', 'mdia']);
const timed = new Set(['mvhd', 'tkhd', 'mdhd']);

/** Zeroes creation and modification times, which the muxer takes from the wall clock: the same input gives the same bytes. */
export async function clearCreationTimes(file: FileHandle): Promise<void> {
  await clearIn(file, 0, (await file.stat()).size);
}

async function clearIn(file: FileHandle, from: number, to: number): Promise<void> {
  const header = Buffer.alloc(16);
  for (let at = from; at + 8 <= to;) {
    await file.read(header, 0, 16, at);
    const type = header.toString('latin1', 4, 8);
    const short = header.readUInt32BE(0);
    const length = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
    if (length < 8) return;
    if (containers.has(type)) await clearIn(file, at + 8, at + length);
    // A full box: version, flags, then both times in 4 or, from version 1 on, 8 bytes each.
    if (timed.has(type)) await file.write(new Uint8Array(header[8] === 0 ? 8 : 16), 0, undefined, at + 12);
    at += length;
  }
}
