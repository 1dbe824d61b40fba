import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { TrackId } from '@rushes/timeline';
import { usePicture } from './hooks.ts';
import { Icon } from './icons.tsx';
import { hueOf, initialsOf } from './people.ts';

/**
 * A track's picture. `data-rushes-track` makes it a tile for the capture SDK, which records a placeholder in its place;
 * it is keyed by the track, so that an element never changes the track it stands for.
 */
export function Picture(props: {
  trackId: TrackId | undefined;
  track: MediaStreamTrack | null;
  fit: 'cover' | 'contain';
}): JSX.Element {
  const ref = useRef<HTMLVideoElement>(null);
  usePicture(ref, props.track);
  return (
    <video
      ref={ref}
      class={`picture picture-${props.fit}`}
      autoplay
      playsinline
      muted
      disablePictureInPicture
      {...(props.trackId === undefined ? {} : { 'data-rushes-track': props.trackId })}
    />
  );
}

export type TileProps = {
  participantId: string;
  name: string;
  isMe: boolean;
  trackId: TrackId | undefined;
  /** null: no camera, or it is off. */
  track: MediaStreamTrack | null;
  isMuted: boolean;
  isSpeaking: boolean;
  isHandRaised: boolean;
  /** Newest last. */
  reactions: readonly { emoji: string; key: string }[];
};

/** A person: their picture or initials, with name, microphone, hand and reactions over it. */
export function Tile(props: TileProps): JSX.Element {
  const { name, isMe, isMuted, isSpeaking, isHandRaised } = props;
  const states = [isMuted && 'muted', isSpeaking && 'speaking', isHandRaised && 'hand raised'].filter(Boolean);
  return (
    <section
      class={`tile ${isSpeaking ? 'tile-speaking' : ''}`}
      aria-label={[`${name}${isMe ? ' (you)' : ''}`, ...states].join(', ')}
      data-testid={`tile-${props.participantId}`}
    >
      {props.track ? (
        <Picture key={props.trackId ?? 'local'} trackId={props.trackId} track={props.track} fit="cover" />
      ) : (
        <div class="avatar" style={{ '--hue': hueOf(props.participantId) }}>
          <span>{initialsOf(name)}</span>
        </div>
      )}
      <div class="tile-badges">
        {isHandRaised && <span class="hand-badge">✋</span>}
        {props.reactions.map(({ emoji, key }) => (
          <span class="reaction-badge" key={key}>
            {emoji}
          </span>
        ))}
      </div>
      <div class="tile-label">
        {isMuted && (
          <span class="muted-badge">
            <Icon name="microphoneOff" />
          </span>
        )}
        <span class="tile-name">
          {name}
          {isMe && ' (you)'}
        </span>
      </div>
      <div class="tile-ring" />
    </section>
  );
}

/** A shared screen, shown whole. */
export function ScreenTile(props: {
  name: string;
  isMe: boolean;
  trackId: TrackId | undefined;
  track: MediaStreamTrack | null;
}): JSX.Element {
  const label = props.isMe ? 'Your screen' : `${props.name}’s screen`;
  return (
    <section class="tile tile-screen" aria-label={label} data-testid="tile-screen">
      <Picture key={props.trackId ?? 'local'} trackId={props.trackId} track={props.track} fit="contain" />
      <div class="tile-label">
        <Icon name="screen" />
        <span class="tile-name">{label}</span>
      </div>
    </section>
  );
}
