import type { ComponentChildren, FunctionComponent } from 'preact';

type ElementProps = {
  children?: ComponentChildren;
  ref?: (element: HTMLElement | null) => void;
  class?: string;
  [attribute: string]: unknown;
};

/** A custom element for JSX: Preact renders a tag name wherever a component may stand. */
function customElement(name: string): FunctionComponent<ElementProps> {
  return name as unknown as FunctionComponent<ElementProps>;
}

export const MediaController = customElement('media-controller');
export const MediaControlBar = customElement('media-control-bar');
export const MediaPlayButton = customElement('media-play-button');
export const MediaSeekBackwardButton = customElement('media-seek-backward-button');
export const MediaSeekForwardButton = customElement('media-seek-forward-button');
export const MediaTimeRange = customElement('media-time-range');
export const MediaTimeDisplay = customElement('media-time-display');
export const MediaPlaybackRateButton = customElement('media-playback-rate-button');
export const MediaMuteButton = customElement('media-mute-button');
export const MediaVolumeRange = customElement('media-volume-range');
export const MediaFullscreenButton = customElement('media-fullscreen-button');
export const MediaLoadingIndicator = customElement('media-loading-indicator');
export const RushesPlayerElement = customElement('rushes-player');
