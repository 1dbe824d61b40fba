import type { JSX } from 'preact';
import { hueOf, initialsOf } from '@rushes/player';
import type { Manifest, RoomState } from '@rushes/timeline';
import { formatDuration } from '../view/format.ts';

/** Who took part, when, and what they do at the playing instant. */
export function PeoplePanel(props: {
  manifest: Manifest;
  now: RoomState | undefined;
  currentMs: number;
  onJump: (atMs: number) => void;
}): JSX.Element {
  const { manifest, now, currentMs, onJump } = props;
  if (manifest.participants.length === 0)
    return <p class="panel-empty">The recording does not say who took part: their page gave no names.</p>;
  return (
    <ul class="panel-list">
      {manifest.participants.map(({ participantId, name, role, presences }) => {
        const isHere = presences.some(
          ({ joinedAtMs, leftAtMs }) => joinedAtMs <= currentMs && (leftAtMs === null || leftAtMs > currentMs),
        );
        return (
          <li key={participantId} class={`person ${isHere ? '' : 'person-away'}`}>
            <span class="person-avatar" style={{ '--hue': hueOf(participantId) }} aria-hidden="true">
              {initialsOf(name)}
            </span>
            <div>
              <strong>
                {name} {role !== 'guest' && <small class="tag">{role}</small>}
              </strong>
              <span class="dim">{isHere ? doing(now, participantId) : 'not here at this moment'}</span>
              <p class="poll-times">
                {presences.map(({ presenceId, joinedAtMs, leftAtMs }) => (
                  <button key={presenceId} type="button" class="chip" onClick={() => onJump(joinedAtMs)}>
                    <b>{formatDuration(joinedAtMs)}</b> – {leftAtMs === null ? 'end' : formatDuration(leftAtMs)}
                  </button>
                ))}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function doing(now: RoomState | undefined, participantId: string): string {
  if (!now) return 'here';
  const microphone = Object.values(now.tracks).findLast(
    (track) => track.participantId === participantId && track.source === 'microphone' && track.endedAtMs === null,
  );
  const facts = [
    now.speaking.includes(participantId) && 'speaking',
    now.screens.some((screen) => screen.participantId === participantId) && 'sharing a screen',
    now.hands.some((hand) => hand.participantId === participantId) && 'hand raised',
    microphone?.paused && 'muted',
  ].filter(Boolean);
  return facts.length > 0 ? facts.join(' · ') : 'here';
}
