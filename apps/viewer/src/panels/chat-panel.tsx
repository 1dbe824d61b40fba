import type { JSX } from 'preact';
import { hueOf, nameOf } from '@rushes/player';
import type { RoomState } from '@rushes/timeline';
import { formatDuration } from '../view/format.ts';
import { useFollow } from './use-follow.ts';

/** Everything that was written; what is still to come is dim. A click goes there. */
export function ChatPanel(props: { state: RoomState; currentMs: number; onJump: (atMs: number) => void }): JSX.Element {
  const { state, currentMs, onJump } = props;
  const current = state.chat.findLast((message) => message.atMs <= currentMs)?.messageId;
  const list = useFollow<HTMLOListElement>(current);
  if (state.chat.length === 0) return <p class="panel-empty">Nobody wrote anything.</p>;
  return (
    <ol class="panel-list" ref={list}>
      {state.chat.map((message) => (
        <li key={message.messageId}>
          <button
            type="button"
            class={`line ${message.atMs > currentMs ? 'line-future' : ''}`}
            aria-current={message.messageId === current ? 'time' : undefined}
            onClick={() => onJump(message.atMs)}
          >
            <span class="line-head">
              <b style={{ '--hue': hueOf(message.participantId) }}>{nameOf(state, message.participantId)}</b>
              <time>{formatDuration(message.atMs)}</time>
            </span>
            <span class="line-text">{message.text}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
