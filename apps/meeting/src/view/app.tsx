import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Meeting } from '../meeting/meeting.ts';
import type { MeetingView } from '../meeting/meeting-view.ts';
import { ChatPanel } from './chat-panel.tsx';
import { ControlBar } from './control-bar.tsx';
import { useStore } from './hooks.ts';
import { Icon } from './icons.tsx';
import { Lobby } from './lobby.tsx';
import { PeoplePanel } from './people-panel.tsx';
import { presentPeople } from './people.ts';
import { PollsPanel } from './polls-panel.tsx';
import { Stage } from './stage.tsx';

type Props = { meeting: Meeting; name: string; roomId: string | null };

export function App({ meeting, name, roomId }: Props): JSX.Element {
  const view = useStore(meeting.view);
  useShortcuts(meeting);
  return (
    <>
      {view.phase === 'over' ? (
        <Over meeting={meeting} view={view} name={name} />
      ) : view.phase === 'lobby' || view.phase === 'connecting' ? (
        <Lobby meeting={meeting} view={view} name={name} roomId={roomId} />
      ) : (
        <InMeeting meeting={meeting} view={view} roomId={roomId} />
      )}
      <div class="toasts" role="status" aria-live="polite">
        {view.toasts.map(({ toastId, text, kind }) => (
          <div key={toastId} class={`toast toast-${kind}`}>
            <span>{text}</span>
            <button type="button" class="tool" aria-label="Dismiss" onClick={() => meeting.dismissToast(toastId)}>
              <Icon name="close" />
            </button>
          </div>
        ))}
      </div>
    </>
  );
}

function InMeeting({
  meeting,
  view,
  roomId,
}: {
  meeting: Meeting;
  view: MeetingView;
  roomId: string | null;
}): JSX.Element {
  return (
    <div class={`meeting ${view.panel ? 'meeting-panelled' : ''}`}>
      <header class="top">
        <span class="brand">
          <span class="brand-dot" /> {roomId ?? 'Meeting'}
        </span>
        {view.recording && (
          <span class="rec" role="status" data-testid="recording-notice">
            <span class="rec-dot" /> Recording
          </span>
        )}
        <span class="spacer" />
        {view.recording && (
          <button
            type="button"
            class="top-button"
            data-testid="mark"
            title="Mark this moment in the recording"
            onClick={() => void meeting.mark('Marked in the meeting')}
          >
            <Icon name="mark" /> <span class="top-label">Mark</span>
          </button>
        )}
        {view.me?.role === 'host' && (
          <button type="button" class="top-button" data-testid="invite" onClick={() => void meeting.invite()}>
            <Icon name="invite" /> <span class="top-label">Invite</span>
          </button>
        )}
        <button
          type="button"
          class="top-button"
          data-testid="toggle-people"
          aria-label={`People: ${presentPeople(view.room).length}`}
          aria-pressed={view.panel === 'people'}
          onClick={() => meeting.setPanel(view.panel === 'people' ? null : 'people')}
        >
          <Icon name="people" /> {presentPeople(view.room).length}
        </button>
      </header>
      {view.phase === 'reconnecting' && (
        <div class="banner" role="alert" data-testid="reconnecting">
          Connection lost. Coming back…
        </div>
      )}
      {view.isSoundBlocked && (
        <button type="button" class="banner banner-button" onClick={() => void meeting.unblockSound()}>
          Your browser holds the sound back. Turn it on
        </button>
      )}
      <Stage meeting={meeting} view={view} />
      {view.panel === 'chat' && <ChatPanel meeting={meeting} view={view} />}
      {view.panel === 'polls' && <PollsPanel meeting={meeting} view={view} />}
      {view.panel === 'people' && <PeoplePanel meeting={meeting} view={view} />}
      <ControlBar meeting={meeting} view={view} />
    </div>
  );
}

function Over({ meeting, view, name }: { meeting: Meeting; view: MeetingView; name: string }): JSX.Element {
  const { ending, me } = view;
  return (
    <div class="over" data-testid="over">
      <p class="brand">
        <span class="brand-dot" /> Rushes
      </p>
      <h1>{ending?.title}</h1>
      <p>{ending?.text}</p>
      {ending?.canRejoin && (
        <button
          type="button"
          class="button button-primary button-large"
          data-testid="rejoin"
          onClick={() => void meeting.join(me?.name ?? name)}
        >
          Join again
        </button>
      )}
    </div>
  );
}

/** Letters do what the buttons do, unless something is being written. */
function useShortcuts(meeting: Meeting): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if ((event.target as HTMLElement).closest('input, textarea, select, [contenteditable]')) return;
      const { phase, panel, room, me } = meeting.view.get();
      if (event.key === 'Escape' && panel) return meeting.setPanel(null);
      if (phase !== 'in-meeting') return;
      if (event.key === 'm') void meeting.media.toggle('microphone');
      if (event.key === 'v') void meeting.media.toggle('camera');
      if (event.key === 'c') meeting.setPanel(panel === 'chat' ? null : 'chat');
      if (event.key === 'h') {
        void meeting.setHand(!room.hands.some((hand) => hand.participantId === me?.participantId));
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [meeting]);
}
