import type { JSX } from 'preact';
import type { Layout, PerspectiveId, RushesPlayer } from '@rushes/player';
import {
  MediaControlBar,
  MediaController,
  MediaFullscreenButton,
  MediaLoadingIndicator,
  MediaMuteButton,
  MediaPlayButton,
  MediaPlaybackRateButton,
  MediaSeekBackwardButton,
  MediaSeekForwardButton,
  MediaTimeDisplay,
  MediaTimeRange,
  MediaVolumeRange,
  RushesPlayerElement,
} from './custom-elements.ts';

/** The player under media-chrome's controls. */
export function PlayerFrame(props: {
  src: string;
  token: string;
  perspective: PerspectiveId;
  layout: Layout;
  onPlayer: (player: RushesPlayer | null) => void;
}): JSX.Element {
  const { src, token, perspective, layout } = props;
  return (
    <MediaController class="player" aria-label="Recording">
      <RushesPlayerElement
        slot="media"
        src={src}
        token={token}
        perspective={perspective}
        layout={layout}
        ref={(element: HTMLElement | null) => props.onPlayer(element as RushesPlayer | null)}
      />
      <MediaLoadingIndicator slot="centered-chrome" noautohide />
      <MediaTimeRange class="player-range" />
      <MediaControlBar>
        <MediaPlayButton />
        <MediaSeekBackwardButton seekoffset="10" class="wide-only" />
        <MediaSeekForwardButton seekoffset="10" class="wide-only" />
        <MediaMuteButton />
        <MediaVolumeRange class="wide-only" />
        <MediaTimeDisplay showduration />
        <span class="player-space" />
        <MediaPlaybackRateButton rates="0.5 1 1.5 2 4" />
        <MediaFullscreenButton />
      </MediaControlBar>
    </MediaController>
  );
}
