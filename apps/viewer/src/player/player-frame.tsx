import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
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
import { togglePlaying } from './use-keys.ts';

/** The player over media-chrome's controls: below the picture, or in full screen over it and gone while nobody moves. */
export function PlayerFrame(props: {
  src: string;
  token: string;
  perspective: PerspectiveId;
  layout: Layout;
  onPlayer: (player: RushesPlayer | null) => void;
}): JSX.Element {
  const { src, token, perspective, layout } = props;
  const [isFullScreen, setFullScreen] = useState(false);
  useEffect(() => {
    const read = () => setFullScreen(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', read);
    return () => document.removeEventListener('fullscreenchange', read);
  }, []);
  return (
    <MediaController class="player" aria-label="Recording" gesturesdisabled>
      <RushesPlayerElement
        slot="media"
        src={src}
        token={token}
        perspective={perspective}
        layout={layout}
        ref={(element: HTMLElement | null) => props.onPlayer(element as RushesPlayer | null)}
        onClick={(event: MouseEvent) => togglePlaying(event.currentTarget as RushesPlayer)}
      />
      <MediaLoadingIndicator slot="centered-chrome" noautohide />
      <MediaTimeRange class="player-range" noautohide={!isFullScreen} />
      <MediaControlBar noautohide={!isFullScreen}>
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
