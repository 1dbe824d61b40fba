import { readSequenceHeader, withColorDescription } from './av1-sequence.ts';
import { concat, joinUnits } from './video-codec.ts';
import type { Fragment, KeyFrame, VideoCodec } from './video-codec.ts';

/** OBU types (AV1 6.2.2). */
const obu = { sequence: 1, delimiter: 2, frameHeader: 3, metadata: 5, frame: 6, tileList: 8, padding: 15 } as const;
/** What a temporal unit can begin with. */
const beginnings = new Set<number>([obu.sequence, obu.delimiter, obu.frameHeader, obu.metadata, obu.frame]);
/** Not to be stored (AV1 in Matroska), or not there at all by the RTP specification. */
const unwanted = new Set<number>([obu.delimiter, obu.tileList, obu.padding]);
/** Extension and size flags of an OBU's header. */
const [hasExtension, hasSize] = [0x04, 0x02];

/**
 * AV1 by AOM's "RTP Payload Format For AV1"; a frame is a whole temporal unit, with all its spatial layers, in the low-overhead
 * format: every OBU with its size, no temporal delimiters.
 */
export const av1: VideoCodec = {
  muxerCodec: 'av1',
  container: 'webm',
  depacketise,
  assemble,
  readKeyFrame,
  // Encoders repeat the sequence header with each key frame, ahead of it and with no other.
  beginsKeyFrame: ({ data, startsFrame }) => startsFrame && data.some((part) => typeOf(part) === obu.sequence),
};

/** Takes the aggregation header off, and parts the OBU elements. */
function depacketise(payload: Uint8Array): Fragment | undefined {
  const header = payload[0];
  if (header === undefined || payload.length < 2) return undefined;
  const [before, after] = [(header & 0x80) !== 0, (header & 0x40) !== 0];
  // 0: every element tells its length; else so many elements, and the last one does not tell.
  const count = (header >> 4) & 3;
  const data: Uint8Array[] = [];
  for (let at = 1; at < payload.length;) {
    const isUntold = data.length === count - 1;
    const length = isUntold ? { value: payload.length - at, end: at } : readLeb128(payload, at);
    if (!length || length.end + length.value > payload.length) return undefined;
    data.push(payload.subarray(length.end, length.end + length.value));
    at = length.end + length.value;
  }
  if (data.length < count) return undefined;
  return { data, startsFrame: !before && beginnings.has(typeOf(data[0]!)), joins: { before, after } };
}

function assemble(fragments: readonly Fragment[]): Uint8Array | undefined {
  const elements = joinUnits(fragments);
  if (!elements) return undefined;
  const units: Uint8Array[] = [];
  for (const unit of elements) {
    if (unit.length === 0 || unwanted.has(typeOf(unit))) continue;
    const sized = withSize(unit);
    if (!sized) return undefined;
    units.push(...sized);
  }
  return units.length === 0 ? undefined : concat(units);
}

/** Over RTP OBUs need not tell their size; here each does. */
function withSize(unit: Uint8Array): Uint8Array[] | undefined {
  const first = unit[0]!;
  const headerLength = first & hasExtension ? 2 : 1;
  const size =
    first & hasSize ? readLeb128(unit, headerLength) : { value: unit.length - headerLength, end: headerLength };
  if (!size || size.value < 0) return undefined;
  const content = unit.subarray(size.end, size.end + size.value);
  const payload = typeOf(unit) === obu.sequence ? withColorDescription(content) : content;
  const header = Uint8Array.of(first | hasSize, ...unit.subarray(1, headerLength));
  return [header, encodeLeb128(payload.length), payload];
}

/** A temporal unit whose sequence header comes before a shown key frame. Reads no further than that frame's header. */
function readKeyFrame(frame: Uint8Array): KeyFrame | undefined {
  let sequence: Uint8Array | undefined;
  for (let at = 0; at < frame.length;) {
    const type = typeOf(frame.subarray(at));
    const size = readLeb128(frame, at + (frame[at]! & hasExtension ? 2 : 1));
    if (!size) return undefined;
    const payload = frame.subarray(size.end, size.end + size.value);
    if (type === obu.sequence) sequence = payload;
    if (type === obu.frame || type === obu.frameHeader) {
      // Not the repetition of an earlier one, of type KEY_FRAME (0), shown.
      const isKey = (payload[0]! & 0xf0) === 0x10;
      return isKey && sequence ? readSequenceHeader(sequence) : undefined;
    }
    at = size.end + size.value;
  }
  return undefined;
}

function typeOf(unit: Uint8Array): number {
  return ((unit[0] ?? 0) >> 3) & 0x0f;
}

function readLeb128(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let n = 0; n < 8; n++) {
    const byte = bytes[at + n];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * n);
    if (byte < 0x80) return { value, end: at + n + 1 };
  }
  return undefined;
}

function encodeLeb128(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, rest);
}
