import { BitReader } from './bit-reader.ts';
import { bt601, bt601With625Lines, bt709 } from './picture-color.ts';
import type { PictureColor } from './picture-color.ts';
import type { KeyFrame } from './video-codec.ts';

/** By `matrix_coefficients` (AV1 6.4.2): BT.709, unspecified, BT.470 B/G, BT.601. */
const colorsByMatrix: Readonly<Record<number, PictureColor>> = { 1: bt709, 2: bt601, 5: bt601With625Lines, 6: bt601 };

/** How a header says BT.601 in 24 bits: primaries, transfer and matrix are all 6 (AV1 6.4.2). */
const bt601Description = Uint8Array.of(6, 6, 6);

/** Largest picture size, profile, level and colours from the payload of a sequence header OBU (AV1 5.5). */
export function readSequenceHeader(payload: Uint8Array): KeyFrame {
  return readHeader(payload).keyFrame;
}

/**
 * The payload of a sequence header with its colours named. Browsers name none, decoders believe the header before the file, and
 * players would guess by the size.
 */
export function withColorDescription(payload: Uint8Array): Uint8Array {
  const { undescribedAt } = readHeader(payload);
  // A damaged header may end before its colours.
  if (undescribedAt === undefined || undescribedAt >> 3 >= payload.length) return payload;
  // Whole bytes go in after the flag, so what follows keeps its place within the byte.
  const described = new Uint8Array(payload.length + bt601Description.length);
  const [index, flag] = [undescribedAt >> 3, 0x80 >> (undescribedAt & 7)];
  const below = flag - 1;
  described.set(payload.subarray(0, index));
  bt601Description.forEach((byte, n) => {
    const shifted = byte << (7 - (undescribedAt & 7));
    described[index + n]! |= shifted >> 8;
    described[index + n + 1]! |= shifted & 0xff;
  });
  described[index]! |= (payload[index]! & ~below & 0xff) | flag;
  described[index + 3]! |= payload[index]! & below;
  described.set(payload.subarray(index + 1), index + 4);
  return described;
}

/** `undescribedAt`: the bit that says that no colours are described; undefined when some are. */
function readHeader(payload: Uint8Array): { keyFrame: KeyFrame; undescribedAt: number | undefined } {
  const reader = new BitReader(payload);
  const profile = reader.bits(3);
  reader.skip(1);
  const isReduced = reader.flag();
  const { level, tier } = isReduced ? { level: reader.bits(5), tier: 'M' } : readOperatingPoints(reader);
  const widthBits = reader.bits(4) + 1;
  const heightBits = reader.bits(4) + 1;
  const width = reader.bits(widthBits) + 1;
  const height = reader.bits(heightBits) + 1;
  skipTools(reader, isReduced);
  const { bitDepth, described, color, undescribedAt } = readColorConfig(reader, profile);
  const codecString = `av01.${profile}.${two(level)}${tier}.${two(bitDepth)}.${described}`;
  return { keyFrame: { width, height, codecString, color }, undescribedAt };
}

/** Level and tier of the first operating point, which is that of all layers. */
function readOperatingPoints(reader: BitReader): { level: number; tier: 'M' | 'H' } {
  let delayBits = 0;
  const hasTiming = reader.flag();
  if (hasTiming) {
    reader.skip(64);
    if (reader.flag()) reader.ue();
    if (reader.flag()) {
      delayBits = reader.bits(5) + 1;
      reader.skip(42);
    }
  }
  const hasDisplayDelay = reader.flag();
  const count = reader.bits(5) + 1;
  const points = Array.from({ length: count }, () => {
    reader.skip(12);
    const level = reader.bits(5);
    const tier = level > 7 && reader.flag() ? 'H' : 'M';
    if (delayBits > 0 && reader.flag()) reader.skip(2 * delayBits + 1);
    if (hasDisplayDelay && reader.flag()) reader.skip(4);
    return { level, tier } as const;
  });
  return points[0]!;
}

/** From the frame numbers to the in-loop filters. */
function skipTools(reader: BitReader, isReduced: boolean): void {
  if (!isReduced && reader.flag()) reader.skip(7);
  // Superblock size, filter intra, intra edge filter.
  reader.skip(3);
  if (!isReduced) {
    // Inter-intra, masked, warped motion, dual filter.
    reader.skip(4);
    const hasOrderHint = reader.flag();
    if (hasOrderHint) reader.skip(2);
    const choosesScreenTools = reader.flag();
    const forcesScreenTools = choosesScreenTools || reader.flag();
    const choosesIntegerMv = forcesScreenTools && reader.flag();
    if (forcesScreenTools && !choosesIntegerMv) reader.skip(1);
    if (hasOrderHint) reader.skip(3);
  }
  // Superresolution, CDEF, restoration.
  reader.skip(3);
}

/** `described`: the codec string's last fields, as AV1-ISOBMFF 5 has them. */
function readColorConfig(
  reader: BitReader,
  profile: number,
): { bitDepth: number; described: string; color: PictureColor | null; undescribedAt: number | undefined } {
  const isHighDepth = reader.flag();
  const bitDepth = isHighDepth ? (profile === 2 && reader.flag() ? 12 : 10) : 8;
  const isMonochrome = profile !== 1 && reader.flag();
  const flagAt = reader.position;
  const isDescribed = reader.flag();
  const undescribedAt = isDescribed ? undefined : flagAt;
  const [primaries, transfer, matrix] = isDescribed ? [reader.bits(8), reader.bits(8), reader.bits(8)] : [2, 2, 2];
  const isRgb = !isMonochrome && primaries === 1 && transfer === 13 && matrix === 0;
  const fullRange = isRgb || reader.flag();
  let [subsamplingX, subsamplingY] = isMonochrome || profile === 0 ? [1, 1] : [0, 0];
  if (!isMonochrome && !isRgb && profile === 2) {
    subsamplingX = bitDepth === 12 ? reader.bits(1) : 1;
    subsamplingY = bitDepth === 12 && subsamplingX === 1 ? reader.bits(1) : 0;
  }
  const position = !isMonochrome && subsamplingX === 1 && subsamplingY === 1 ? reader.bits(2) : 0;
  const found = isRgb ? undefined : colorsByMatrix[matrix];
  const chroma = `${subsamplingX}${subsamplingY}${position}`;
  const numbers = [primaries, transfer, matrix].map(two).join('.');
  return {
    bitDepth,
    described: `${isMonochrome ? 1 : 0}.${chroma}.${numbers}.${fullRange ? 1 : 0}`,
    color: found ? { ...found, fullRange } : null,
    undescribedAt,
  };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
