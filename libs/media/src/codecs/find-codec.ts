import { MediaError } from '../media-error.ts';
import { av1 } from './av1.ts';
import { h264 } from './h264.ts';
import type { VideoCodec } from './video-codec.ts';
import { vp8 } from './vp8.ts';
import { createVp9 } from './vp9.ts';

const videoCodecs: Readonly<Record<string, () => VideoCodec>> = {
  'video/vp8': () => vp8,
  'video/vp9': createVp9,
  'video/h264': () => h264,
  'video/av1': () => av1,
};
/** For questions about single packets, which need no memory. */
const sharedCodecs = new Map(Object.entries(videoCodecs).map(([mimeType, create]) => [mimeType, create()]));

/** For one stream; by MIME type, in any case. @throws MediaError `codec-unsupported` */
export function createVideoCodec(mimeType: string): VideoCodec {
  const create = videoCodecs[mimeType.toLowerCase()];
  if (create) return create();
  throw new MediaError('codec-unsupported', `${mimeType}: expected one of ${Object.keys(videoCodecs).join(', ')}`);
}

/** Whether an RTP payload is the first of a video frame that can be decoded alone; of a codec that is not known here, any may be. */
export function beginsKeyFrame(mimeType: string, payload: Uint8Array): boolean {
  const codec = sharedCodecs.get(mimeType.toLowerCase());
  if (!codec) return true;
  const fragment = payload.length === 0 ? undefined : codec.depacketise(payload);
  return fragment !== undefined && codec.beginsKeyFrame(fragment);
}
