import type { ParticipantId, ParticipantState, RoomState, TrackSource, TrackState } from '@rushes/timeline';

/** Those who are in the meeting, in order of joining. */
export function presentPeople(room: RoomState): ParticipantState[] {
  const joinedAtMs = ({ presences }: ParticipantState) => presences[0]?.joinedAtMs ?? 0;
  return Object.values(room.participants)
    .filter(({ presences }) => presences.some((presence) => presence.leftAtMs === null))
    .sort((a, b) => joinedAtMs(a) - joinedAtMs(b) || (a.participantId < b.participantId ? -1 : 1));
}

/** A participant's running track of a source. */
export function trackOf(room: RoomState, participantId: ParticipantId, source: TrackSource): TrackState | undefined {
  return Object.values(room.tracks).find(
    (track) => track.participantId === participantId && track.source === source && track.endedAtMs === null,
  );
}

/** The name of somebody who is or was there. */
export function nameOf(room: RoomState, participantId: ParticipantId): string {
  return room.participants[participantId]?.name ?? 'Somebody';
}

/** Up to two letters for a tile without a picture. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toUpperCase() || '?';
}

/** A hue, 0..359, that stays the same for a participant. */
export function hueOf(participantId: ParticipantId): number {
  let hash = 7;
  for (const char of participantId) hash = (hash * 31 + char.charCodeAt(0)) % 360;
  return hash;
}
