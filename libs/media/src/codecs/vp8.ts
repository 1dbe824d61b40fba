import { bt601 } from './picture-color.ts';
import { concat } from './video-codec.ts';
import type { Fragment, KeyFrame, VideoCodec } from './video-codec.ts';

/** VP8 by RFC 7741; frame header by RFC 6386 9.1. */
export const vp8: VideoCodec = {
  muxerCodec: 'vp8',
  container: 'webm',
  depacketise: readDescriptor,
  assemble: (fragments) => concat(fragments.flatMap(({ data }) => data)),
  readKeyFrame,
  // The header that says so stands in the first packet.
  beginsKeyFrame: ({ data, startsFrame }) => startsFrame && readKeyFrame(concat(data)) !== undefined,
};

function readDescriptor(payload: Uint8Array): Fragment | undefined {
  const [first, extended] = [payload[0], payload[1]];
  if (first === undefined || extended === undefined) return undefined;
  let start = 1;
  if (first & 0x80) {
    start = 2;
    if (extended & 0x80) start += payload[2]! & 0x80 ? 2 : 1;
    if (extended & 0x40) start += 1;
    if (extended & 0x30) start += 1;
  }
  if (start >= payload.length) return undefined;
  // S: start of a partition; PID 0: the frame's first partition.
  return { data: [payload.subarray(start)], startsFrame: (first & 0x1f) === 0x10 };
}

/** VP8 knows no other colours than BT.601 (RFC 6386 9.2). */
function readKeyFrame(frame: Uint8Array): KeyFrame | undefined {
  const isKey = frame.length >= 10 && (frame[0]! & 1) === 0;
  if (!isKey || frame[3] !== 0x9d || frame[4] !== 0x01 || frame[5] !== 0x2a) return undefined;
  const width = frame[6]! | ((frame[7]! & 0x3f) << 8);
  const height = frame[8]! | ((frame[9]! & 0x3f) << 8);
  return { width, height, codecString: 'vp8', color: bt601 };
}
