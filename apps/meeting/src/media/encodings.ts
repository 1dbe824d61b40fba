import type { Device, types as mediasoup } from 'mediasoup-client';
import type { TrackSource } from '@rushes/timeline';

export type EncodingOptions = { videoCodec: 'vp8' | 'vp9' | 'h264' | 'av1' | null };
type Encoding = Pick<mediasoup.ProducerOptions, 'encodings' | 'codec' | 'codecOptions'>;

/** From this width on a camera is sent in two sizes, so that small tiles cost little. */
const simulcastFromWidth = 1280;

/** How a source is encoded. */
export function encodingOf(
  source: TrackSource,
  track: MediaStreamTrack,
  device: Device,
  { videoCodec }: EncodingOptions,
): Encoding {
  switch (source) {
    case 'microphone':
      // Continuous, so that the recorded track has no holes where nobody spoke; and what the network loses is sent again.
      return { codecOptions: { opusStereo: false, opusFec: true, opusDtx: false, opusNack: true } };
    case 'screenAudio':
      return { codecOptions: { opusStereo: true, opusFec: true, opusDtx: false, opusNack: true } };
    case 'screen':
      return { encodings: [{ maxBitrate: 2_500_000 }], codecOptions: { videoGoogleStartBitrate: 1000 } };
    case 'camera': {
      const codec = codecNamed(device, videoCodec);
      return {
        encodings: cameraEncodings(track, videoCodec),
        codecOptions: { videoGoogleStartBitrate: 800 },
        ...(codec ? { codec } : {}),
      };
    }
  }
}

function cameraEncodings(
  track: MediaStreamTrack,
  videoCodec: EncodingOptions['videoCodec'],
): mediasoup.RtpEncodingParameters[] {
  const { width = 0 } = track.getSettings();
  if (width < simulcastFromWidth) return [{ maxBitrate: 1_200_000 }];
  if (videoCodec === 'vp9' || videoCodec === 'av1') return [{ maxBitrate: 2_000_000 }];
  return [
    { scaleResolutionDownBy: 2, maxBitrate: 400_000 },
    { scaleResolutionDownBy: 1, maxBitrate: 2_000_000 },
  ];
}

function codecNamed(device: Device, name: EncodingOptions['videoCodec']): mediasoup.RtpCodecCapability | undefined {
  if (name === null) return undefined;
  return device.sendRtpCapabilities.codecs?.find((codec) => codec.mimeType.toLowerCase() === `video/${name}`);
}
