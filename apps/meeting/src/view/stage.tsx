import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { ParticipantState } from '@rushes/timeline';
import type { Meeting } from '../meeting/meeting.ts';
import type { MeetingView } from '../meeting/meeting-view.ts';
import { useSize } from './hooks.ts';
import { nameOf, presentPeople, trackOf } from './people.ts';
import { fitTiles } from './tile-grid.ts';
import { ScreenTile, Tile } from './tile.tsx';
import { Whiteboard } from './whiteboard.tsx';

const gap = 10;
/** How many of somebody's reactions are seen at once. */
const shownReactions = 3;

/** Everybody in a grid; with a shared screen or the whiteboard, that large and everybody beside it. */
export function Stage({ meeting, view }: { meeting: Meeting; view: MeetingView }): JSX.Element {
  const people = presentPeople(view.room);
  const screen = view.room.screens.at(-1);
  const hasFocus = screen !== undefined || view.isWhiteboardOpen;
  return (
    <main class={`stage ${hasFocus ? 'stage-focus' : ''}`} aria-label="Meeting">
      {hasFocus && (
        <div class="focus">
          {screen && (
            <ScreenTile
              name={nameOf(view.room, screen.participantId)}
              isMe={screen.participantId === view.me?.participantId}
              trackId={screen.trackId}
              track={
                screen.participantId === view.me?.participantId
                  ? view.screenTrack
                  : (view.remoteTracks.get(screen.trackId ?? '') ?? null)
              }
            />
          )}
          {view.isWhiteboardOpen && <Whiteboard meeting={meeting} view={view} />}
        </div>
      )}
      <Tiles people={people} view={view} />
      <Captions view={view} />
    </main>
  );
}

function Tiles({ people, view }: { people: ParticipantState[]; view: MeetingView }): JSX.Element {
  const ref = useRef<HTMLDivElement>(null);
  const { columns, tileWidth, tileHeight } = fitTiles(people.length, useSize(ref), gap);
  const style = {
    '--tile-width': `${tileWidth}px`,
    '--tile-height': `${tileHeight}px`,
    '--columns': columns,
    '--gap': `${gap}px`,
  };
  return (
    <div class="tiles" ref={ref}>
      <div class="tile-grid" style={style}>
        {people.map((person) => (
          <PersonTile key={person.participantId} person={person} view={view} />
        ))}
      </div>
    </div>
  );
}

function PersonTile({ person, view }: { person: ParticipantState; view: MeetingView }): JSX.Element {
  const { participantId, name } = person;
  const { room } = view;
  const isMe = participantId === view.me?.participantId;
  const camera = trackOf(room, participantId, 'camera');
  const microphone = trackOf(room, participantId, 'microphone');
  const isCameraOn = isMe ? view.camera === 'on' : camera?.paused === null;
  const track = isMe ? view.cameraTrack : (view.remoteTracks.get(camera?.trackId ?? '') ?? null);
  return (
    <Tile
      participantId={participantId}
      name={name}
      isMe={isMe}
      trackId={isMe ? view.ownTracks.camera : camera?.trackId}
      track={isCameraOn ? track : null}
      isMuted={isMe ? view.microphone !== 'on' : microphone?.paused !== null}
      isSpeaking={room.speaking.includes(participantId)}
      isHandRaised={room.hands.some((hand) => hand.participantId === participantId)}
      reactions={room.reactions
        .filter((reaction) => reaction.participantId === participantId)
        .slice(-shownReactions)
        .map(({ emoji, atMs }) => ({ emoji, key: `${emoji}${atMs}` }))}
    />
  );
}

function Captions({ view }: { view: MeetingView }): JSX.Element | null {
  const captions = view.room.captions.slice(-2);
  if (captions.length === 0) return null;
  return (
    <div class="captions" aria-live="polite">
      {captions.map(({ captionId, participantId, text }) => (
        <p key={captionId}>
          <b>{nameOf(view.room, participantId)}</b> {text}
        </p>
      ))}
    </div>
  );
}
