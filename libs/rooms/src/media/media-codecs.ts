import type { types as mediasoup } from 'mediasoup';

/** Codecs a room speaks; the first that the browser has too is used unless the page asks for another. */
export const mediaCodecs: mediasoup.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    // Constrained baseline: what every browser encodes.
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  // Last: its encoder asks for most of the sender's machine.
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90_000 },
];
