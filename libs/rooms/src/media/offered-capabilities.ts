import type { types as mediasoup } from 'mediasoup';

/** How a sender says that its pictures are to be turned (3GPP TS 26.114). */
const videoOrientation = 'urn:3gpp:video-orientation';

/**
 * What pages are told that a room can do: all but to turn pictures. Files cannot say that a picture is turned from some instant
 * on, and a sender that was not offered it turns them itself before it encodes.
 */
export function offeredCapabilities({ rtpCapabilities }: mediasoup.Router): mediasoup.RtpCapabilities {
  const { headerExtensions = [] } = rtpCapabilities;
  return { ...rtpCapabilities, headerExtensions: headerExtensions.filter(({ uri }) => uri !== videoOrientation) };
}
