import type { CatalogueEvent } from '../events/timeline-event.ts';
import type { RoomState } from './room-state.ts';

/** The recording's own life: title, pauses, marks, end. */
export function reduceRecording(state: RoomState, event: CatalogueEvent): RoomState {
  const { recording } = state;
  switch (event.type) {
    case 'rushes.recording.started.v1': {
      const initial = isRoomState(event.data.initialState) ? event.data.initialState : undefined;
      const { title, recordedAt } = event.data;
      return {
        ...state,
        ...(initial === undefined ? {} : rebased(initial)),
        atMs: event.atMs,
        recording: { ...(title === undefined ? {} : { title }), recordedAt, paused: false, endedAtMs: null },
      };
    }
    case 'rushes.recording.paused.v1':
      return { ...state, recording: { ...recording, paused: true } };
    case 'rushes.recording.resumed.v1':
      return { ...state, recording: { ...recording, paused: false } };
    case 'rushes.recording.marked.v1':
      return { ...state, markers: [...state.markers, { atMs: event.atMs, label: event.data.label }] };
    case 'rushes.recording.ended.v1':
      return { ...state, recording: { ...recording, endedAtMs: event.atMs } };
    default:
      return state;
  }
}

/** What was there before the recording began happened, on its clock, at 0; people and tracks are announced anew. */
function rebased(state: RoomState): Partial<RoomState> {
  return {
    chat: state.chat.map((message) => ({ ...message, atMs: 0 })),
    polls: state.polls.map((poll) => ({
      ...poll,
      openedAtMs: 0,
      closedAtMs: poll.closedAtMs === null ? null : 0,
    })),
    hands: state.hands.map((hand) => ({ ...hand, atMs: 0 })),
    plugins: state.plugins,
  };
}

function isRoomState(value: unknown): value is RoomState {
  const state = value as Partial<RoomState> | null | undefined;
  return (
    typeof state === 'object' &&
    state !== null &&
    Array.isArray(state.chat) &&
    Array.isArray(state.polls) &&
    Array.isArray(state.hands) &&
    typeof state.plugins === 'object'
  );
}
