import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { problemText } from '../meeting/local-media.ts';
import type { Meeting } from '../meeting/meeting.ts';
import type { MeetingView } from '../meeting/meeting-view.ts';
import { DeviceControl } from './control-bar.tsx';
import { initialsOf } from './people.ts';
import { Picture } from './tile.tsx';

/** Before the meeting: who one is, how one looks, and what of one will be heard and seen. */
export function Lobby(props: {
  meeting: Meeting;
  view: MeetingView;
  name: string;
  roomId: string | null;
}): JSX.Element {
  const { meeting, view } = props;
  const [name, setName] = useState(props.name);
  const isConnecting = view.phase === 'connecting';
  const problems = (['camera', 'microphone'] as const)
    .filter((kind) => !['on', 'off', 'opening'].includes(view[kind]))
    .map((kind) => problemText(kind, view[kind]));
  return (
    <div class="lobby">
      <div class="lobby-preview">
        <div class="tile preview">
          {view.camera === 'on' ? (
            <Picture trackId={undefined} track={view.cameraTrack} fit="cover" />
          ) : (
            <div class="avatar" style={{ '--hue': 200 }}>
              <span>{view.camera === 'opening' ? '…' : initialsOf(name)}</span>
            </div>
          )}
          <div class="preview-controls">
            <DeviceControl kind="microphone" meeting={meeting} view={view} />
            <DeviceControl kind="camera" meeting={meeting} view={view} />
          </div>
        </div>
        {problems.map((problem) => (
          <p class="hint" role="status" key={problem}>
            {problem}. You can join without it.
          </p>
        ))}
      </div>
      <form
        class="lobby-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') void meeting.join(name);
        }}
      >
        <p class="brand">
          <span class="brand-dot" /> Rushes
        </p>
        <h1>Ready to join?</h1>
        {props.roomId && <p class="room-name">{props.roomId}</p>}
        <label>
          Your name
          <input
            value={name}
            maxLength={100}
            autocomplete="name"
            autofocus
            required
            data-testid="join-name"
            placeholder="How the others will see you"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button
          type="submit"
          class="button button-primary button-large"
          data-testid="join-button"
          disabled={isConnecting || name.trim() === ''}
        >
          {isConnecting ? 'Joining…' : 'Join meeting'}
        </button>
        <p class="hint">Meetings here may be recorded. You will see a red notice whenever one is.</p>
      </form>
    </div>
  );
}
