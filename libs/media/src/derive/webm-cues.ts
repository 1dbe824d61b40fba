import type { FileHandle } from 'node:fs/promises';

const ids = { cues: [0x1c, 0x53, 0xbb, 0x6b], cuePoint: 0xbb, cueTime: 0xb3, void: 0xec } as const;

/**
 * Blanks the cue points that do not name a key frame. A Matroska cluster can span only 32 s, so a muxer must begin some
 * with a delta frame when key frames are rare, and indexes them too; a player that seeks there would show garbage.
 * `cuesAt`: where the Cues element begins. `keyTimesMs`: rounded times of the key frames.
 */
export async function dropFalseCues(file: FileHandle, cuesAt: number, keyTimesMs: ReadonlySet<number>): Promise<void> {
  const { size } = await file.stat();
  const bytes = Buffer.alloc(size - cuesAt);
  await file.read(bytes, 0, bytes.length, cuesAt);
  if (!ids.cues.every((byte, index) => bytes[index] === byte)) return;
  const cues = readSize(bytes, ids.cues.length);
  for (let at = cues.end; at < cues.end + cues.value;) {
    const element = readSize(bytes, at + 1);
    if (bytes[at] === ids.cuePoint && !keyTimesMs.has(readCueTime(bytes, element.end))) {
      await file.write(Uint8Array.of(ids.void), 0, 1, cuesAt + at);
    }
    at = element.end + element.value;
  }
}

/** CueTime is what a cue point begins with. */
function readCueTime(bytes: Buffer, at: number): number {
  if (bytes[at] !== ids.cueTime) return -1;
  const { value, end } = readSize(bytes, at + 1);
  return bytes.readUIntBE(end, value);
}

/** An EBML variable-size integer. */
function readSize(bytes: Buffer, at: number): { value: number; end: number } {
  const length = Math.clz32(bytes[at]!) - 23;
  let value = bytes[at]! & (0xff >> length);
  for (let n = 1; n < length; n++) value = value * 256 + bytes[at + n]!;
  return { value, end: at + length };
}
