import type { types as mediasoup } from 'mediasoup';

/** What a paused producer means: mediasoup does not say why. */
export function pauseReasonOf({ kind }: Pick<mediasoup.Producer, 'kind'>): 'muted' | 'camera-off' {
  return kind === 'audio' ? 'muted' : 'camera-off';
}
