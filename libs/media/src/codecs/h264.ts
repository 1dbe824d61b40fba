import { readSps } from './h264-sps.ts';
import { concat } from './video-codec.ts';
import type { Fragment, KeyFrame, VideoCodec } from './video-codec.ts';

const nal = { slice: 1, idr: 5, sps: 7, pps: 8, stapA: 24, fuA: 28 } as const;
const startCode = Uint8Array.of(0, 0, 0, 1);

/**
 * H.264 by RFC 6184, packetization modes 0 and 1; frames in Annex B form. A key frame here has its parameter sets with it,
 * as every browser sends them.
 */
export const h264: VideoCodec = {
  muxerCodec: 'avc',
  container: 'mp4',
  depacketise,
  assemble: (fragments) => concat(fragments.flatMap(({ data }) => data)),
  readKeyFrame,
  // Its parameter sets come first; a browser and x264 put them into one packet.
  beginsKeyFrame: ({ data }) =>
    data.some((part, index) => data[index - 1] === startCode && (part[0]! & 0x1f) === nal.sps),
};

function depacketise(payload: Uint8Array): Fragment | undefined {
  const type = payload[0]! & 0x1f;
  if (payload.length < 2) return undefined;
  if (type === nal.stapA) return splitAggregate(payload);
  if (type !== nal.fuA) return { data: [startCode, payload], startsFrame: beginsPicture(payload) };
  const isStart = (payload[1]! & 0x80) !== 0;
  const rest = payload.subarray(2);
  if (!isStart) return { data: [rest], startsFrame: false };
  const header = Uint8Array.of((payload[0]! & 0xe0) | (payload[1]! & 0x1f));
  return { data: [startCode, header, rest], startsFrame: beginsPicture(concat([header, rest.subarray(0, 1)])) };
}

function splitAggregate(payload: Uint8Array): Fragment | undefined {
  const data: Uint8Array[] = [];
  for (let at = 1; at + 2 <= payload.length;) {
    const length = (payload[at]! << 8) | payload[at + 1]!;
    if (length === 0 || at + 2 + length > payload.length) return undefined;
    data.push(startCode, payload.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return data.length === 0 ? undefined : { data, startsFrame: beginsPicture(data[1]!) };
}

/** A parameter set, or a slice whose first macroblock is the picture's first (its number, 0, is coded as one set bit). */
function beginsPicture(unit: Uint8Array): boolean {
  const type = unit[0]! & 0x1f;
  const isSlice = type >= nal.slice && type <= nal.idr;
  return isSlice ? (unit[1]! & 0x80) !== 0 : true;
}

function readKeyFrame(frame: Uint8Array): KeyFrame | undefined {
  let sps: Uint8Array | undefined;
  let hasPps = false;
  for (const unit of unitsOf(frame)) {
    const type = unit[0]! & 0x1f;
    if (type === nal.sps) sps = unit;
    if (type === nal.pps) hasPps = true;
    if (type === nal.idr) return sps && hasPps ? readSps(sps) : undefined;
    if (type === nal.slice) return undefined;
  }
  return undefined;
}

/** NAL units of an Annex B frame whose start codes have four bytes. */
function* unitsOf(frame: Uint8Array): Generator<Uint8Array> {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  for (let start = 0; start < bytes.length;) {
    const next = bytes.indexOf(startCode, start + 4);
    const end = next < 0 ? bytes.length : next;
    if (end > start + 4) yield bytes.subarray(start + 4, end);
    start = end;
  }
}
