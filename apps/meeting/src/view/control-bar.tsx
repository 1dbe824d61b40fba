import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DeviceKind } from '../media/devices.ts';
import { boardOf } from '@rushes/whiteboard';
import { problemText } from '../meeting/local-media.ts';
import type { Meeting } from '../meeting/meeting.ts';
import type { MeetingView, Panel } from '../meeting/meeting-view.ts';
import { Icon, type IconName } from './icons.tsx';

export const reactionEmojis = ['👍', '👏', '❤️', '😂', '🎉', '😮'] as const;

type Props = { meeting: Meeting; view: MeetingView };

/** Everything one can do, along the bottom. */
export function ControlBar({ meeting, view }: Props): JSX.Element {
  const { me, room, recording } = view;
  const isHost = me?.role === 'host';
  const isHandRaised = room.hands.some((hand) => hand.participantId === me?.participantId);
  const unread = room.chat.length - view.readMessages;
  const unseenStrokes = view.isWhiteboardOpen ? 0 : Math.max(0, boardOf(room).strokes.length - view.seenStrokes);
  const openPolls = room.polls.filter((poll) => poll.closedAtMs === null).length;
  const togglePanel = (panel: Panel) => meeting.setPanel(view.panel === panel ? null : panel);
  return (
    <footer class="bar" role="toolbar" aria-label="Meeting controls">
      <DeviceControl kind="microphone" meeting={meeting} view={view} />
      <DeviceControl kind="camera" meeting={meeting} view={view} />
      <Control
        icon="screen"
        label={view.screenTrack ? 'Stop sharing' : 'Share screen'}
        testId="toggle-screen"
        hasChangingLabel
        isPressed={view.screenTrack !== null}
        onClick={() => void (view.screenTrack ? meeting.media.stopScreen() : meeting.media.shareScreen())}
      />
      <Control
        icon="hand"
        label={isHandRaised ? 'Lower hand' : 'Raise hand'}
        shortcut="h"
        testId="toggle-hand"
        hasChangingLabel
        isPressed={isHandRaised}
        onClick={() => void meeting.setHand(!isHandRaised)}
      />
      <Menu icon="smile" label="React" testId="open-reactions">
        {reactionEmojis.map((emoji) => (
          <button
            key={emoji}
            type="button"
            role="menuitem"
            class="emoji"
            aria-label={`React with ${emoji}`}
            data-testid={`react-${emoji}`}
            onClick={() => void meeting.react(emoji)}
          >
            {emoji}
          </button>
        ))}
      </Menu>
      <Control
        icon="board"
        label="Whiteboard"
        {...(unseenStrokes > 0 ? { badge: unseenStrokes, title: `Whiteboard: ${unseenStrokes} new strokes` } : {})}
        testId="toggle-whiteboard"
        isPressed={view.isWhiteboardOpen}
        onClick={() => meeting.setWhiteboard(!view.isWhiteboardOpen)}
      />
      <Control
        icon="chat"
        label="Chat"
        shortcut="c"
        testId="toggle-chat"
        isPressed={view.panel === 'chat'}
        badge={unread}
        onClick={() => togglePanel('chat')}
      />
      <Control
        icon="poll"
        label="Polls"
        testId="toggle-polls"
        isPressed={view.panel === 'polls'}
        badge={view.panel === 'polls' ? 0 : openPolls}
        onClick={() => togglePanel('polls')}
      />
      {isHost && (
        <Control
          icon="record"
          label={recording ? 'Stop recording' : 'Record'}
          testId="toggle-recording"
          hasChangingLabel
          isPressed={recording !== null}
          isRecording={recording !== null}
          onClick={() => void (recording ? meeting.stopRecording() : meeting.startRecording())}
        />
      )}
      {isHost ? (
        <Menu icon="leave" label="Leave" testId="leave-menu" isDanger>
          <button
            type="button"
            role="menuitem"
            class="menu-item"
            data-testid="leave"
            onClick={() => void meeting.leave()}
          >
            Leave the meeting
          </button>
          <button
            type="button"
            role="menuitem"
            class="menu-item menu-danger"
            data-testid="end-for-all"
            onClick={() => void meeting.endForAll()}
          >
            End for everybody
          </button>
        </Menu>
      ) : (
        <Control icon="leave" label="Leave" testId="leave" isDanger onClick={() => void meeting.leave()} />
      )}
    </footer>
  );
}

/** Microphone or camera: on, off, or why it cannot be used. */
export function DeviceControl({ kind, meeting, view }: Props & { kind: DeviceKind }): JSX.Element {
  const state = view[kind];
  const isOn = state === 'on';
  const isUsable = isOn || state === 'off';
  const verb = kind === 'microphone' ? (isOn ? 'Mute' : 'Unmute') : isOn ? 'Stop video' : 'Start video';
  return (
    <Control
      icon={isOn ? kind : `${kind}Off`}
      label={verb}
      {...(isUsable || state === 'opening' ? {} : { title: problemText(kind, state) })}
      shortcut={kind === 'microphone' ? 'm' : 'v'}
      testId={`toggle-${kind}`}
      hasChangingLabel
      isPressed={isOn}
      isOff={!isOn}
      isFaulty={!isUsable && state !== 'opening'}
      onClick={() => void meeting.media.toggle(kind)}
    />
  );
}

type ControlProps = {
  icon: IconName;
  label: string;
  title?: string;
  /** A letter that does the same when no field has the focus. */
  shortcut?: string;
  testId: string;
  /** Lit up; told to screen readers where the label stays the same. */
  isPressed?: boolean;
  /** The label says what a press does, and changes with it: no state beside it, which would say the opposite. */
  hasChangingLabel?: boolean;
  isOff?: boolean;
  isFaulty?: boolean;
  isDanger?: boolean;
  isRecording?: boolean;
  badge?: number;
  hasMenu?: boolean;
  onClick: () => void;
};

function Control(props: ControlProps): JSX.Element {
  const classes = ['control'];
  if (props.isPressed && !props.isOff) classes.push('control-on');
  if (props.isOff) classes.push('control-off');
  if (props.isFaulty) classes.push('control-faulty');
  if (props.isDanger) classes.push('control-danger');
  if (props.isRecording) classes.push('control-recording');
  const { shortcut, badge = 0 } = props;
  return (
    <button
      type="button"
      class={classes.join(' ')}
      title={props.title ?? (shortcut ? `${props.label} (${shortcut.toUpperCase()})` : props.label)}
      aria-pressed={props.hasMenu || props.hasChangingLabel ? undefined : props.isPressed}
      aria-expanded={props.hasMenu ? props.isPressed : undefined}
      aria-haspopup={props.hasMenu ? 'menu' : undefined}
      aria-keyshortcuts={shortcut}
      data-testid={props.testId}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
      <span class="control-label">{props.label}</span>
      {badge > 0 && <span class="badge">{badge}</span>}
    </button>
  );
}

function Menu(props: {
  icon: IconName;
  label: string;
  testId: string;
  isDanger?: boolean;
  children: JSX.Element | JSX.Element[];
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    ref.current?.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent) {
        if (event.key !== 'Escape') return;
        // The menu alone: the page would close the panel with the same key.
        event.stopPropagation();
        ref.current?.querySelector<HTMLElement>('button')?.focus();
      } else if (ref.current?.contains(event.target as Node)) return;
      setOpen(false);
    };
    addEventListener('pointerdown', close);
    addEventListener('keydown', close, { capture: true });
    return () => {
      removeEventListener('pointerdown', close);
      removeEventListener('keydown', close, { capture: true });
    };
  }, [isOpen]);
  return (
    <div class="menu-anchor" ref={ref}>
      <Control
        icon={props.icon}
        label={props.label}
        testId={props.testId}
        hasMenu
        isPressed={isOpen}
        {...(props.isDanger ? { isDanger: true } : {})}
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen && (
        <div class="menu" role="menu" aria-label={props.label} onClick={() => setOpen(false)}>
          {props.children}
        </div>
      )}
    </div>
  );
}
