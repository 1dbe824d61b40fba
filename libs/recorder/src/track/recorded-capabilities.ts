import type { types as mediasoup } from 'mediasoup';

const keptExtensions = new Set([
  'urn:3gpp:video-orientation',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
]);

/**
 * What the recorder says it can receive: everything the router can, but no bandwidth estimation. Nobody on a
 * DirectTransport would answer it, and mediasoup would take the silence for a bad line and choose lower layers.
 */
export function recordedCapabilities({ rtpCapabilities }: mediasoup.Router): mediasoup.RtpCapabilities {
  return {
    codecs: (rtpCapabilities.codecs ?? []).map((codec) => ({
      ...codec,
      rtcpFeedback: (codec.rtcpFeedback ?? []).filter(({ type }) => type !== 'transport-cc' && type !== 'goog-remb'),
    })),
    headerExtensions: (rtpCapabilities.headerExtensions ?? []).filter(({ uri }) => keptExtensions.has(uri)),
  };
}
