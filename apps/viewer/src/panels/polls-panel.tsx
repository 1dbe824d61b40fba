import type { JSX } from 'preact';
import { countVotes, nameOf } from '@rushes/player';
import type { Poll, RoomState } from '@rushes/timeline';
import { formatDuration } from '../view/format.ts';
import { useFollow } from './use-follow.ts';

/** Every poll with its votes as they stand at the playing instant. */
export function PollsPanel(props: {
  state: RoomState;
  now: RoomState | undefined;
  currentMs: number;
  onJump: (atMs: number) => void;
}): JSX.Element {
  const { state, now, currentMs, onJump } = props;
  const current = state.polls.findLast((poll) => poll.openedAtMs <= currentMs)?.pollId;
  const list = useFollow<HTMLOListElement>(current);
  if (state.polls.length === 0) return <p class="panel-empty">There was no poll.</p>;
  return (
    <ol class="panel-list" ref={list}>
      {state.polls.map((poll) => (
        <li
          key={poll.pollId}
          class={`poll ${poll.openedAtMs > currentMs ? 'line-future' : ''}`}
          aria-current={poll.pollId === current ? 'time' : undefined}
        >
          <PollView
            poll={now?.polls.find((other) => other.pollId === poll.pollId) ?? { ...poll, votes: {}, closedAtMs: null }}
            isAhead={poll.openedAtMs > currentMs}
            askedBy={nameOf(state, poll.openedBy)}
          />
          <p class="poll-times">
            <button type="button" class="chip" onClick={() => onJump(poll.openedAtMs)}>
              <b>{formatDuration(poll.openedAtMs)}</b> opened
            </button>
            {poll.closedAtMs !== null && (
              <button type="button" class="chip" onClick={() => onJump(poll.closedAtMs!)}>
                <b>{formatDuration(poll.closedAtMs)}</b> closed
              </button>
            )}
          </p>
        </li>
      ))}
    </ol>
  );
}

function PollView({ poll, isAhead, askedBy }: { poll: Poll; isAhead: boolean; askedBy: string }): JSX.Element {
  const counts = countVotes(poll);
  const voters = Object.keys(poll.votes).length;
  return (
    <>
      <h3>{poll.question}</h3>
      <ul class="poll-options">
        {poll.options.map(({ optionId, text }) => {
          const count = counts.get(optionId) ?? 0;
          return (
            <li key={optionId}>
              <span class="poll-bar" style={{ width: `${voters === 0 ? 0 : (100 * count) / voters}%` }} />
              <span>{text}</span>
              <b>{count}</b>
            </li>
          );
        })}
      </ul>
      <p class="dim">
        {askedBy} · {isAhead ? 'still to come' : poll.closedAtMs === null ? 'open' : 'closed'} · {voters}{' '}
        {voters === 1 ? 'vote' : 'votes'}
      </p>
    </>
  );
}
