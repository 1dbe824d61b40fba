import { BitReader } from './bit-reader.ts';
import { bt601, bt601With625Lines, bt709 } from './picture-color.ts';
import type { PictureColor } from './picture-color.ts';
import { concat, joinUnits } from './video-codec.ts';
import type { Fragment, KeyFrame, VideoCodec } from './video-codec.ts';
import { Vp9Superframes } from './vp9-superframe.ts';

/** VP9 by RFC 9628; frame header by the VP9 bitstream specification, 6.2. A frame has all of a picture's spatial layers. */
export function createVp9(): VideoCodec {
  const superframes = new Vp9Superframes();
  return {
    muxerCodec: 'vp9',
    container: 'webm',
    depacketise: readDescriptor,
    assemble: (fragments) => {
      const layers = joinUnits(fragments);
      return layers && superframes.join(layers);
    },
    // Its first frame is that of the lowest layer.
    readKeyFrame: (frame) => {
      const lowest = readKeyFrame(frame);
      return lowest && { ...lowest, ...superframes.shownSize };
    },
    // The header that says so stands in the first packet.
    beginsKeyFrame: ({ data, startsFrame }) => startsFrame && readKeyFrame(concat(data)) !== undefined,
  };
}

function readDescriptor(payload: Uint8Array): Fragment | undefined {
  const first = payload[0];
  if (first === undefined) return undefined;
  const has = (bit: number): boolean => (first & bit) !== 0;
  const isFlexible = has(0x10);
  let start = 1;
  if (has(0x80)) start += payload[start]! & 0x80 ? 2 : 1;
  // Temporal and spatial layer; TL0PICIDX follows unless the mode is flexible.
  let buildsOnLowerLayer = false;
  if (has(0x20)) {
    // In k-SVC only key pictures do, and of others a receiver may get the highest layer alone.
    buildsOnLowerLayer = (payload[start]! & 1) === 1;
    start += isFlexible ? 1 : 2;
  }
  if (isFlexible && has(0x40)) {
    let more = true;
    for (let references = 0; more && references < 3; references++) more = (payload[start++]! & 1) === 1;
  }
  if (has(0x02)) start += structureBytes(payload.subarray(start));
  if (start >= payload.length) return undefined;
  const joins = { before: !has(0x08), after: !has(0x04) };
  return { data: [payload.subarray(start)], startsFrame: !joins.before && !buildsOnLowerLayer, joins };
}

/** Length of the scalability structure. */
function structureBytes(bytes: Uint8Array): number {
  const first = bytes[0] ?? 0;
  let length = 1;
  if (first & 0x10) length += ((first >> 5) + 1) * 4;
  if (first & 0x08) {
    const pictures = bytes[length++] ?? 0;
    for (let n = 0; n < pictures; n++) length += 1 + (((bytes[length] ?? 0) >> 2) & 3);
  }
  return length;
}

/** By `color_space` (7.2.2): unknown, BT.601, BT.709, SMPTE-170. */
const colors: readonly PictureColor[] = [bt601, bt601With625Lines, bt709, bt601];

function readKeyFrame(frame: Uint8Array): KeyFrame | undefined {
  const reader = new BitReader(frame);
  if (reader.bits(2) !== 2) return undefined;
  const profile = reader.bits(1) + reader.bits(1) * 2;
  if (profile === 3) reader.skip(1);
  const showsExisting = reader.flag();
  const isKey = !reader.flag();
  reader.skip(2);
  if (showsExisting || !isKey || reader.bits(24) !== 0x498342) return undefined;
  const bitDepth = profile >= 2 ? (reader.flag() ? 12 : 10) : 8;
  const colorSpace = reader.bits(3);
  const isRgb = colorSpace === 7;
  const fullRange = !isRgb && reader.flag();
  if (profile === 1 || profile === 3) reader.skip(isRgb ? 1 : 3);
  const width = reader.bits(16) + 1;
  const height = reader.bits(16) + 1;
  const color = colors[colorSpace] ?? null;
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    width,
    height,
    codecString: `vp09.${two(profile)}.10.${two(bitDepth)}`,
    color: color && { ...color, fullRange },
  };
}
