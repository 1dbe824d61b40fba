import type { CatalogueEvent } from '../events/timeline-event.ts';
import type { Poll, RoomState } from './room-state.ts';

/** Chat, polls, reactions and captions. */
export function reduceConversation(state: RoomState, event: CatalogueEvent): RoomState {
  const participantId = event.participantId;
  if (participantId === undefined) return state;
  switch (event.type) {
    case 'rushes.chat.message-sent.v1':
      if (state.chat.some((message) => message.messageId === event.data.messageId)) return state;
      return { ...state, chat: [...state.chat, { ...event.data, participantId, atMs: event.atMs }] };
    case 'rushes.poll.opened.v2': {
      if (state.polls.some((poll) => poll.pollId === event.data.pollId)) return state;
      const poll: Poll = {
        ...event.data,
        openedBy: participantId,
        votes: {},
        openedAtMs: event.atMs,
        closedAtMs: null,
      };
      return { ...state, polls: [...state.polls, poll] };
    }
    case 'rushes.poll.voted.v1':
      return withPoll(state, event.data.pollId, (poll) => {
        const options = event.data.optionIds.filter((id) => poll.options.some((option) => option.optionId === id));
        const chosen = poll.multiple ? options : options.slice(0, 1);
        return { ...poll, votes: { ...poll.votes, [participantId]: chosen } };
      });
    case 'rushes.poll.closed.v1':
      return withPoll(state, event.data.pollId, (poll) => ({ ...poll, closedAtMs: event.atMs }));
    case 'rushes.reaction.sent.v1':
      return { ...state, reactions: [...state.reactions, { ...event.data, participantId, atMs: event.atMs }] };
    case 'rushes.caption.spoken.v1': {
      const { captionId, text, isFinal } = event.data;
      const others = state.captions.filter((caption) => caption.captionId !== captionId);
      return { ...state, captions: [...others, { captionId, text, isFinal, participantId, atMs: event.atMs }] };
    }
    default:
      return state;
  }
}

/** A closed poll takes no more votes. */
function withPoll(state: RoomState, pollId: string, change: (poll: Poll) => Poll): RoomState {
  return {
    ...state,
    polls: state.polls.map((poll) => (poll.pollId === pollId && poll.closedAtMs === null ? change(poll) : poll)),
  };
}
