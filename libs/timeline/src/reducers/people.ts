import type { CatalogueEvent } from '../events/timeline-event.ts';
import type { RoomState } from './room-state.ts';

/** Participants, their presences, hands, and who speaks. */
export function reducePeople(state: RoomState, event: CatalogueEvent): RoomState {
  const id = event.participantId;
  if (id === undefined) return state;
  switch (event.type) {
    case 'rushes.participant.joined.v1': {
      const known = state.participants[id];
      const presences = (known?.presences ?? []).map((presence) =>
        presence.leftAtMs === null ? { ...presence, leftAtMs: event.atMs } : presence,
      );
      if (known?.presences.some((presence) => presence.presenceId === event.data.presenceId)) return state;
      const participant = {
        participantId: id,
        name: event.data.name,
        role: event.data.role,
        presences: [...presences, { presenceId: event.data.presenceId, joinedAtMs: event.atMs, leftAtMs: null }],
      };
      return { ...state, participants: { ...state.participants, [id]: participant } };
    }
    case 'rushes.participant.left.v1': {
      const known = state.participants[id];
      if (!known) return state;
      const presences = known.presences.map((presence) =>
        presence.presenceId === event.data.presenceId && presence.leftAtMs === null
          ? { ...presence, leftAtMs: event.atMs }
          : presence,
      );
      const isGone = presences.every((presence) => presence.leftAtMs !== null);
      return {
        ...state,
        participants: { ...state.participants, [id]: { ...known, presences } },
        hands: isGone ? state.hands.filter((hand) => hand.participantId !== id) : state.hands,
        speaking: isGone ? state.speaking.filter((speaker) => speaker !== id) : state.speaking,
        lastSpeaker: isGone && state.lastSpeaker === id ? null : state.lastSpeaker,
      };
    }
    case 'rushes.participant.updated.v1': {
      const known = state.participants[id];
      if (!known) return state;
      const name = event.data.name ?? known.name;
      const role = event.data.role ?? known.role;
      return { ...state, participants: { ...state.participants, [id]: { ...known, name, role } } };
    }
    case 'rushes.hand.raised.v1':
      if (state.hands.some((hand) => hand.participantId === id)) return state;
      return { ...state, hands: [...state.hands, { participantId: id, atMs: event.atMs }] };
    case 'rushes.hand.lowered.v1':
      return { ...state, hands: state.hands.filter((hand) => hand.participantId !== id) };
    case 'rushes.speech.started.v1':
      return { ...state, speaking: [id, ...state.speaking.filter((speaker) => speaker !== id)], lastSpeaker: id };
    case 'rushes.speech.stopped.v1':
      return { ...state, speaking: state.speaking.filter((speaker) => speaker !== id) };
    default:
      return state;
  }
}
