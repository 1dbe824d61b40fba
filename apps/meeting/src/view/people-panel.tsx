import type { JSX } from 'preact';
import type { Meeting } from '../meeting/meeting.ts';
import type { MeetingView } from '../meeting/meeting-view.ts';
import { Icon } from './icons.tsx';
import { hueOf, initialsOf, presentPeople, trackOf } from './people.ts';
import { SidePanel } from './side-panel.tsx';

export function PeoplePanel({ meeting, view }: { meeting: Meeting; view: MeetingView }): JSX.Element {
  return (
    <SidePanel title="People" onClose={() => meeting.setPanel(null)}>
      {view.invitation !== null && (
        <label class="invitation">
          Whoever opens this link comes in as a guest
          <input
            readOnly
            value={view.invitation}
            data-testid="invitation"
            onFocus={(event) => event.currentTarget.select()}
          />
        </label>
      )}
      <ul class="people">
        {presentPeople(view.room).map(({ participantId, name, role }) => {
          const isMuted = trackOf(view.room, participantId, 'microphone')?.paused !== null;
          return (
            <li key={participantId}>
              <span class="avatar avatar-small" style={{ '--hue': hueOf(participantId) }}>
                <span>{initialsOf(name)}</span>
              </span>
              <span class="person-name">
                {name}
                {participantId === view.me?.participantId && ' (you)'}
                {role === 'host' && <small>Host</small>}
              </span>
              {view.room.hands.some((hand) => hand.participantId === participantId) && (
                <span title="Hand raised">✋</span>
              )}
              <span class={isMuted ? 'person-muted' : ''} title={isMuted ? 'Muted' : 'Microphone on'}>
                <Icon name={isMuted ? 'microphoneOff' : 'microphone'} />
              </span>
            </li>
          );
        })}
      </ul>
    </SidePanel>
  );
}
