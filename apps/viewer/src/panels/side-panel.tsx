import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Manifest, RoomState } from '@rushes/timeline';
import { Icon } from '../view/icons.tsx';
import { BoardPanel } from './board-panel.tsx';
import { ChatPanel } from './chat-panel.tsx';
import { PeoplePanel } from './people-panel.tsx';
import { PollsPanel } from './polls-panel.tsx';

const tabs = [
  { id: 'chat', title: 'Chat', icon: 'chat' },
  { id: 'polls', title: 'Polls', icon: 'poll' },
  { id: 'people', title: 'People', icon: 'people' },
  { id: 'board', title: 'Board', icon: 'board' },
] as const;
type TabId = (typeof tabs)[number]['id'];

/** The panels beside the player. They follow the time, and take it along on a click. */
export function SidePanel(props: {
  manifest: Manifest;
  now: RoomState | undefined;
  whole: RoomState | undefined;
  currentMs: number;
  onJump: (atMs: number) => void;
}): JSX.Element {
  const { manifest, now, whole, currentMs, onJump } = props;
  const [tab, setTab] = useState<TabId>('chat');
  const state = whole ?? now;
  const moveBy = (step: number) => {
    const next = tabs[(tabs.findIndex(({ id }) => id === tab) + step + tabs.length) % tabs.length]!;
    setTab(next.id);
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return (
    <aside class="side">
      <div class="tabs" role="tablist" aria-label="What happened">
        {tabs.map(({ id, title, icon }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={id === tab}
            aria-controls="side-content"
            tabIndex={id === tab ? 0 : -1}
            onClick={() => setTab(id)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowRight') moveBy(1);
              if (event.key === 'ArrowLeft') moveBy(-1);
            }}
          >
            <Icon name={icon} />
            <span>{title}</span>
          </button>
        ))}
      </div>
      <div class="side-content" role="tabpanel" id="side-content" aria-labelledby={`tab-${tab}`}>
        {tab === 'chat' && state && <ChatPanel state={state} currentMs={currentMs} onJump={onJump} />}
        {tab === 'polls' && state && <PollsPanel state={state} now={now} currentMs={currentMs} onJump={onJump} />}
        {tab === 'people' && <PeoplePanel manifest={manifest} now={now} currentMs={currentMs} onJump={onJump} />}
        {tab === 'board' && <BoardPanel now={now} />}
      </div>
    </aside>
  );
}
