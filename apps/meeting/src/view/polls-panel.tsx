import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Poll } from '@rushes/timeline';
import type { Meeting } from '../meeting/meeting.ts';
import type { MeetingView } from '../meeting/meeting-view.ts';
import { nameOf } from './people.ts';
import { SidePanel } from './side-panel.tsx';

const maxOptions = 8;

export function PollsPanel({ meeting, view }: { meeting: Meeting; view: MeetingView }): JSX.Element {
  const polls = view.room.polls.toReversed();
  return (
    <SidePanel title="Polls" onClose={() => meeting.setPanel(null)}>
      <div class="polls">
        <NewPoll meeting={meeting} isFirst={polls.length === 0} />
        {polls.map((poll) => (
          <PollCard key={poll.pollId} poll={poll} meeting={meeting} view={view} />
        ))}
      </div>
    </SidePanel>
  );
}

function NewPoll({ meeting, isFirst }: { meeting: Meeting; isFirst: boolean }): JSX.Element {
  const [isOpen, setOpen] = useState(isFirst);
  const [question, setQuestion] = useState('');
  const [options, setOptions] = useState(['', '']);
  const [multiple, setMultiple] = useState(false);
  const filled = options.map((option) => option.trim()).filter((option) => option !== '');
  const isDoubled = new Set(filled.map((text) => text.toLowerCase())).size < filled.length;
  const canOpen = question.trim() !== '' && filled.length >= 2 && !isDoubled;
  if (!isOpen) {
    return (
      <button type="button" class="button" data-testid="poll-new" onClick={() => setOpen(true)}>
        New poll
      </button>
    );
  }
  const write = (index: number, value: string) => {
    const next = options.with(index, value);
    // There is always an empty line to go on in.
    if (next.at(-1) !== '' && next.length < maxOptions) next.push('');
    setOptions(next);
  };
  return (
    <form
      class="poll-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!canOpen) return;
        void meeting.openPoll(question.trim(), filled, multiple);
        setQuestion('');
        setOptions(['', '']);
        setOpen(false);
      }}
    >
      <label>
        Question
        <input
          value={question}
          maxLength={500}
          data-testid="poll-question"
          onInput={(event) => setQuestion(event.currentTarget.value)}
        />
      </label>
      <fieldset>
        <legend>Answers</legend>
        {options.map((option, index) => (
          <input
            key={index}
            value={option}
            maxLength={200}
            placeholder={`Answer ${index + 1}`}
            aria-label={`Answer ${index + 1}`}
            data-testid={`poll-option-${index}`}
            onInput={(event) => write(index, event.currentTarget.value)}
          />
        ))}
      </fieldset>
      {isDoubled && (
        <p class="poll-problem" role="alert">
          Two answers are the same: nobody could tell their votes apart.
        </p>
      )}
      <label class="check">
        <input type="checkbox" checked={multiple} onChange={(event) => setMultiple(event.currentTarget.checked)} />
        Several answers may be chosen
      </label>
      <button type="submit" class="button button-primary" data-testid="poll-open" disabled={!canOpen}>
        Open poll
      </button>
    </form>
  );
}

function PollCard({ poll, meeting, view }: { poll: Poll; meeting: Meeting; view: MeetingView }): JSX.Element {
  const { me } = view;
  const mine = poll.votes[me?.participantId ?? ''] ?? [];
  const voters = Object.values(poll.votes).filter((chosen) => chosen.length > 0).length;
  const isOpen = poll.closedAtMs === null;
  const mayClose = isOpen && (me?.role === 'host' || poll.openedBy === me?.participantId);
  const choose = (optionId: string) => {
    const others = poll.multiple ? mine.filter((id) => id !== optionId) : [];
    void meeting.vote(poll.pollId, mine.includes(optionId) ? others : [...others, optionId]);
  };
  return (
    <article class="poll" data-testid={`poll-${poll.pollId}`}>
      <h3>{poll.question}</h3>
      <p class="poll-facts">
        {nameOf(view.room, poll.openedBy)} · {voters === 1 ? '1 vote' : `${voters} votes`}
        {!isOpen && ' · closed'}
      </p>
      <ul>
        {poll.options.map(({ optionId, text }) => {
          const count = Object.values(poll.votes).filter((chosen) => chosen.includes(optionId)).length;
          const share = voters === 0 ? 0 : Math.round((count / voters) * 100);
          return (
            <li key={optionId}>
              <button
                type="button"
                class="poll-option"
                style={{ '--share': `${share}%` }}
                aria-pressed={mine.includes(optionId)}
                disabled={!isOpen}
                data-testid={`poll-vote-${optionId}`}
                onClick={() => choose(optionId)}
              >
                <span class="poll-text">{text}</span>
                <span class="poll-count">{count}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {mayClose && (
        <button
          type="button"
          class="button"
          data-testid="poll-close"
          onClick={() => void meeting.closePoll(poll.pollId)}
        >
          Close poll
        </button>
      )}
    </article>
  );
}
