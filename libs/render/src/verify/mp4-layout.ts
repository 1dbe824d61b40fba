import { open } from 'node:fs/promises';

/** The file's top-level boxes in order, for example `ftyp`, `moov`, `mdat`. Reads their headers only. */
export async function readTopBoxes(path: string): Promise<string[]> {
  const file = await open(path);
  try {
    const { size: fileSize } = await file.stat();
    const boxes: string[] = [];
    for (let at = 0; at + 8 <= fileSize;) {
      const header = Buffer.alloc(16);
      await file.read(header, 0, 16, at);
      boxes.push(header.toString('latin1', 4, 8));
      const size32 = header.readUInt32BE(0);
      const size = size32 === 1 ? Number(header.readBigUInt64BE(8)) : size32 === 0 ? fileSize - at : size32;
      if (size < 8) break;
      at += size;
    }
    return boxes;
  } finally {
    await file.close();
  }
}
