import { isPluginEvent, parsePluginType, type Poll, type RoomState, type TimelineEvent } from '@rushes/timeline';
import { SignallingError } from '../signalling/signalling-error.ts';

/** Catalogue events that a page may send into the room; everything else the server says itself. */
const appEventTypes: ReadonlySet<string> = new Set([
  'rushes.chat.message-sent.v1',
  'rushes.poll.opened.v2',
  'rushes.poll.voted.v1',
  'rushes.poll.closed.v1',
  'rushes.reaction.sent.v1',
  'rushes.hand.raised.v1',
  'rushes.hand.lowered.v1',
  'rushes.caption.spoken.v1',
  'rushes.recording.marked.v1',
]);

export type AppEventContext = {
  state: RoomState;
  isHost: boolean;
  isRecording: boolean;
  /** Ids of the plugins this room knows. */
  pluginIds: ReadonlySet<string>;
};

/**
 * Whether `event`, whose data has passed its schema and whose sender is stamped, may happen now.
 * @throws SignallingError `not-allowed`, `id-taken`, `not-found`, `poll-closed` or `not-recording`
 */
export function checkAppEvent(event: TimelineEvent, context: AppEventContext): void {
  if (isPluginEvent(event)) {
    const pluginId = parsePluginType(event.type)?.pluginId ?? '';
    if (!context.pluginIds.has(pluginId)) {
      throw new SignallingError('not-allowed', `type: plugin "${pluginId}" is not in use in this room`);
    }
    return;
  }
  if (!appEventTypes.has(event.type)) {
    throw new SignallingError('not-allowed', `type: "${event.type}" is not for pages to send`);
  }
  checkCatalogueEvent(event, context);
}

function checkCatalogueEvent(event: TimelineEvent, { state, isHost, isRecording }: AppEventContext): void {
  if (isPluginEvent(event)) return;
  switch (event.type) {
    case 'rushes.chat.message-sent.v1':
      return requireNew(
        'messageId',
        event.data.messageId,
        state.chat.map((message) => message.messageId),
      );
    case 'rushes.poll.opened.v2': {
      requireNew(
        'pollId',
        event.data.pollId,
        state.polls.map((poll) => poll.pollId),
      );
      const optionIds = event.data.options.map((option) => option.optionId);
      if (new Set(optionIds).size < optionIds.length) {
        throw new SignallingError('input-invalid', 'data.options: expected a different optionId for each option');
      }
      const texts = event.data.options.map((option) => option.text.trim().toLowerCase());
      if (new Set(texts).size < texts.length) {
        throw new SignallingError('input-invalid', 'data.options: expected a different text for each option');
      }
      return;
    }
    case 'rushes.poll.voted.v1': {
      const poll = requireOpenPoll(state, event.data.pollId);
      const unknown = event.data.optionIds.find((id) => !poll.options.some((option) => option.optionId === id));
      if (unknown !== undefined) {
        throw new SignallingError('not-found', `data.optionIds: the poll has no option "${unknown}"`);
      }
      if (!poll.multiple && event.data.optionIds.length > 1) {
        throw new SignallingError('input-invalid', 'data.optionIds: expected at most one in this poll');
      }
      return;
    }
    case 'rushes.poll.closed.v1': {
      const poll = requireOpenPoll(state, event.data.pollId);
      if (!isHost && poll.openedBy !== event.participantId) {
        throw new SignallingError('not-allowed', 'Only the host or whoever opened the poll may close it');
      }
      return;
    }
    case 'rushes.caption.spoken.v1': {
      const caption = state.captions.find((other) => other.captionId === event.data.captionId);
      if (caption && caption.participantId !== event.participantId) {
        throw new SignallingError('id-taken', 'data.captionId: is in use by somebody else');
      }
      return;
    }
    case 'rushes.recording.marked.v1':
      if (!isRecording) throw new SignallingError('not-recording', 'No recording is running');
      return;
  }
}

function requireNew(field: string, id: string, taken: readonly string[]): void {
  if (taken.includes(id)) throw new SignallingError('id-taken', `data.${field}: "${id}" is in use already`);
}

function requireOpenPoll(state: RoomState, pollId: string): Poll {
  const poll = state.polls.find((other) => other.pollId === pollId);
  if (!poll) throw new SignallingError('not-found', `data.pollId: there is no poll "${pollId}"`);
  if (poll.closedAtMs !== null) throw new SignallingError('poll-closed', 'The poll is closed');
  return poll;
}
