import { BitReader } from './bit-reader.ts';
import { bt601, bt601With625Lines, bt709 } from './picture-color.ts';
import type { PictureColor } from './picture-color.ts';
import type { KeyFrame } from './video-codec.ts';

const highProfiles = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]);

/** Picture size, profile and colours from a sequence parameter set (H.264 7.3.2.1.1), cropping applied. */
export function readSps(unit: Uint8Array): KeyFrame {
  const reader = new BitReader(withoutEmulation(unit));
  reader.skip(8);
  const [profile, constraints, level] = [reader.bits(8), reader.bits(8), reader.bits(8)];
  reader.ue();
  const chroma = highProfiles.has(profile) ? readChroma(reader) : 1;
  reader.ue();
  skipPictureOrder(reader);
  reader.ue();
  reader.skip(1);
  const widthInMacroblocks = reader.ue() + 1;
  const heightInUnits = reader.ue() + 1;
  const isFrameOnly = reader.flag();
  if (!isFrameOnly) reader.skip(1);
  reader.skip(1);
  const cropUnitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropUnitY = (chroma === 1 ? 2 : 1) * (isFrameOnly ? 1 : 2);
  const isCropped = reader.flag();
  const [left, right, top, bottom] = isCropped ? [reader.ue(), reader.ue(), reader.ue(), reader.ue()] : [0, 0, 0, 0];
  const color = readColor(reader);
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return {
    width: widthInMacroblocks * 16 - (left + right) * cropUnitX,
    height: heightInUnits * 16 * (isFrameOnly ? 1 : 2) - (top + bottom) * cropUnitY,
    codecString: `avc1.${hex(profile)}${hex(constraints)}${hex(level)}`,
    color,
  };
}

/** By `matrix_coefficients` (H.264 E.2.1): BT.709, unspecified, BT.470 B/G, SMPTE-170M. */
const colorsByMatrix: Readonly<Record<number, PictureColor>> = { 1: bt709, 2: bt601, 5: bt601With625Lines, 6: bt601 };

/** From the usability information (H.264 E.1.1), which most browsers leave out. */
function readColor(reader: BitReader): PictureColor | null {
  const isUsabilityPresent = reader.flag();
  if (!isUsabilityPresent) return bt601;
  const isAspectPresent = reader.flag();
  if (isAspectPresent && reader.bits(8) === 255) reader.skip(32);
  const isOverscanPresent = reader.flag();
  if (isOverscanPresent) reader.skip(1);
  const isSignalPresent = reader.flag();
  if (!isSignalPresent) return bt601;
  reader.skip(3);
  const fullRange = reader.flag();
  const isColorPresent = reader.flag();
  if (!isColorPresent) return { ...bt601, fullRange };
  reader.skip(16);
  const color = colorsByMatrix[reader.bits(8)];
  return color ? { ...color, fullRange } : null;
}

function readChroma(reader: BitReader): number {
  const chroma = reader.ue();
  if (chroma === 3) reader.skip(1);
  reader.ue();
  reader.ue();
  reader.skip(1);
  if (reader.flag()) {
    for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
      if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64);
    }
  }
  return chroma;
}

function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let n = 0; n < size; n++) {
    if (next !== 0) next = (last + reader.se() + 256) % 256;
    if (next !== 0) last = next;
  }
}

function skipPictureOrder(reader: BitReader): void {
  const type = reader.ue();
  if (type === 0) reader.ue();
  if (type !== 1) return;
  reader.skip(1);
  reader.se();
  reader.se();
  const cycle = reader.ue();
  for (let n = 0; n < Math.min(cycle, 255); n++) reader.se();
}

/** Takes out the 3 of each 0 0 3 (H.264 7.4.1). */
function withoutEmulation(unit: Uint8Array): Uint8Array {
  return unit.filter((byte, index) => !(byte === 3 && unit[index - 1] === 0 && unit[index - 2] === 0));
}
