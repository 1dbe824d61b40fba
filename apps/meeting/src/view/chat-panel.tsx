import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Meeting } from '../meeting/meeting.ts';
import type { MeetingView } from '../meeting/meeting-view.ts';
import { Icon } from './icons.tsx';
import { nameOf } from './people.ts';
import { SidePanel } from './side-panel.tsx';

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export function ChatPanel({ meeting, view }: { meeting: Meeting; view: MeetingView }): JSX.Element {
  const [text, setText] = useState('');
  const list = useRef<HTMLOListElement>(null);
  const { chat } = view.room;
  useLayoutEffect(() => list.current?.scrollTo(0, list.current.scrollHeight), [chat.length]);
  const send = () => {
    const message = text.trim();
    if (message === '') return;
    setText('');
    void meeting.sendChat(message);
  };
  return (
    <SidePanel title="Chat" onClose={() => meeting.setPanel(null)}>
      <ol class="messages" ref={list} aria-live="polite" data-testid="chat-messages">
        {chat.length === 0 && <li class="empty">Nothing has been said here yet.</li>}
        {chat.map((message) => (
          <li
            key={message.messageId}
            class={message.participantId === view.me?.participantId ? 'message mine' : 'message'}
          >
            <p class="message-head">
              <b>{nameOf(view.room, message.participantId)}</b>
              <time>{timeOfDay.format(view.openedAt + message.atMs)}</time>
            </p>
            <p class="message-text">{message.text}</p>
          </li>
        ))}
      </ol>
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          rows={1}
          maxLength={4000}
          value={text}
          placeholder="Write to everybody"
          aria-label="Message to everybody"
          data-testid="chat-input"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button
          type="submit"
          class="tool tool-primary"
          aria-label="Send"
          data-testid="chat-send"
          disabled={text.trim() === ''}
        >
          <Icon name="send" />
        </button>
      </form>
    </SidePanel>
  );
}
