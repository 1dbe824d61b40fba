import type { ParticipantId, ParticipantState, RoomState, TrackId } from '@rushes/timeline';
import type { Layout } from '../../types.ts';

/** One tile of the room: somebody's camera (or avatar), or a shared screen. */
export type RoomTile = {
  /** Stays the same as long as the tile is the same. */
  key: string;
  participantId: ParticipantId;
  name: string;
  isScreen: boolean;
  /** null: no picture, the avatar shows. */
  trackId: TrackId | null;
  isMuted: boolean;
  isSpeaking: boolean;
  hasRaisedHand: boolean;
  /** Emoji of the last seconds, oldest first. */
  reactions: string[];
};

/**
 * The tiles that a layout shows, in the order in which it places them: shared screens first; then, in the speaker
 * layout, who spoke last; then everybody in order of joining. `hasPicture` says whether a track has anything to show.
 */
export function roomTiles(state: RoomState, layout: Layout, hasPicture: (trackId: TrackId) => boolean): RoomTile[] {
  // Those who were there when the recording began keep the order in which they were announced.
  const present = Object.values(state.participants)
    .filter(isPresent)
    .sort((a, b) => firstJoin(a) - firstJoin(b));
  const tracks = Object.values(state.tracks).filter((track) => track.endedAtMs === null);
  const trackOf = (participantId: ParticipantId, source: string) =>
    tracks.findLast((track) => track.participantId === participantId && track.source === source);

  const screens = state.screens.flatMap((screen): RoomTile[] => {
    const trackId = screen.trackId ?? trackOf(screen.participantId, 'screen')?.trackId;
    if (trackId === undefined || !hasPicture(trackId)) return [];
    return [
      {
        key: `screen-${trackId}`,
        participantId: screen.participantId,
        name: `${nameOf(state, screen.participantId)} shares a screen`,
        isScreen: true,
        trackId,
        isMuted: false,
        isSpeaking: false,
        hasRaisedHand: false,
        reactions: [],
      },
    ];
  });
  const people = present.map((participant): RoomTile => {
    const { participantId, name } = participant;
    const camera = trackOf(participantId, 'camera');
    const microphone = trackOf(participantId, 'microphone');
    const isShown = camera !== undefined && camera.paused === null && hasPicture(camera.trackId);
    return {
      key: `person-${participantId}`,
      participantId,
      name,
      isScreen: false,
      trackId: isShown ? camera.trackId : null,
      isMuted: microphone === undefined || microphone.paused !== null,
      isSpeaking: state.speaking.includes(participantId),
      hasRaisedHand: state.hands.some((hand) => hand.participantId === participantId),
      reactions: state.reactions
        .filter((reaction) => reaction.participantId === participantId)
        .map((reaction) => reaction.emoji)
        .slice(-4),
    };
  });
  if (layout === 'speaker' && state.lastSpeaker !== null) {
    const speaker = people.findIndex((tile) => tile.participantId === state.lastSpeaker);
    if (speaker > 0) people.unshift(...people.splice(speaker, 1));
  }
  return [...screens, ...people];
}

export function nameOf(state: RoomState, participantId: ParticipantId): string {
  return state.participants[participantId]?.name ?? participantId;
}

/** Up to two letters that stand for a name. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
  return letters.map((word) => Array.from(word)[0]!.toUpperCase()).join('') || '?';
}

/** A hue in degrees that stays with a participant. */
export function hueOf(participantId: ParticipantId): number {
  let hash = 0;
  for (const character of participantId) hash = (hash * 31 + character.codePointAt(0)!) >>> 0;
  return (hash * 137) % 360;
}

function isPresent(participant: ParticipantState): boolean {
  return participant.presences.some((presence) => presence.leftAtMs === null);
}

function firstJoin(participant: ParticipantState): number {
  return participant.presences[0]?.joinedAtMs ?? 0;
}
