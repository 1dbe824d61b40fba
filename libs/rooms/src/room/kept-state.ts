import type { RoomState } from '@rushes/timeline';

/** What of a room's state outlives the process it lives in: what people have made, not who is there. */
const keptKeys = ['participants', 'chat', 'polls', 'markers', 'plugins'] as const;
type KeptState = Pick<RoomState, (typeof keptKeys)[number]>;

/** Whether anything that is kept differs. */
export function isKeptStateChanged(before: RoomState, after: RoomState): boolean {
  return keptKeys.some((key) => before[key] !== after[key]);
}

/** The part that is kept, as JSON. */
export function encodeKeptState(state: RoomState): string {
  return JSON.stringify(Object.fromEntries(keptKeys.map((key) => [key, state[key]])));
}

/**
 * The state that a room goes on from: everybody has left, and what they made is there.
 * @param atMs when the room goes on, on the room clock
 * @throws SyntaxError or TypeError when `text` is not what {@link encodeKeptState} writes
 */
export function decodeKeptState(text: string, initialState: RoomState, atMs: number): RoomState {
  const kept = JSON.parse(text) as KeptState;
  if (!Array.isArray(kept.chat) || !Array.isArray(kept.polls) || !Array.isArray(kept.markers)) {
    throw new TypeError('kept state: expected lists of chat, polls and markers');
  }
  const participants = Object.values(kept.participants).map((participant) => ({
    ...participant,
    presences: participant.presences.map((presence) => ({ ...presence, leftAtMs: presence.leftAtMs ?? atMs })),
  }));
  return {
    ...initialState,
    ...kept,
    atMs,
    participants: Object.fromEntries(participants.map((participant) => [participant.participantId, participant])),
    plugins: { ...initialState.plugins, ...kept.plugins },
  };
}
