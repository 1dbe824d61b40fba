import type { PublishedEvent } from '@rushes/platform';
import type { Stretch } from '@rushes/media';
import type { ParticipantId, TrackId, TrackKind, TrackSource } from '@rushes/timeline';
import type { Person } from './people.ts';

/** Times on the recording clock. */
export type StoredTrackFacts = {
  trackId: TrackId;
  participantId: ParticipantId;
  kind: TrackKind;
  source: TrackSource;
  codec: string;
  startMs: number;
  endMs: number;
  /** Where somebody is heard. */
  speech: readonly Stretch[];
};
export type PlacedMessage = { participantId: ParticipantId; text: string; atMs: number };

/** What happens at one instant happens in this order. */
const order = [
  'joined',
  'started',
  'share-started',
  'speech-started',
  'message',
  'speech-stopped',
  'share-stopped',
  'ended',
  'left',
] as const;
type Step = { rank: (typeof order)[number]; event: PublishedEvent };

/** What a recorder and a room would have said while the meeting ran, in order. */
export function roomEvents(facts: {
  people: readonly Person[];
  tracks: readonly StoredTrackFacts[];
  messages: readonly PlacedMessage[];
  durationMs: number;
}): PublishedEvent[] {
  const steps = [
    ...facts.people.flatMap(presencesOf),
    ...facts.tracks.flatMap(stepsOfTrack),
    ...[...Map.groupBy(facts.tracks, ({ participantId }) => participantId)].flatMap(speechOf),
    ...facts.messages.map(({ text, ...message }, index): Step => {
      const data = { messageId: `imported-${index + 1}`, text };
      return { rank: 'message', event: { type: 'rushes.chat.message-sent.v1', ...message, data } };
    }),
  ];
  const placed = steps.map(({ rank, event }) => {
    const atMs = Math.min(Math.max(0, Math.round(event.atMs)), facts.durationMs);
    return { rank: order.indexOf(rank), event: { ...event, atMs } };
  });
  return placed.sort((a, b) => a.event.atMs - b.event.atMs || a.rank - b.rank).map(({ event }) => event);
}

function presencesOf({ participantId, name, role, presences }: Person): Step[] {
  return presences.flatMap(({ joinedMs, leftMs }, index): Step[] => {
    const presenceId = `imported-${index + 1}`;
    const joined = { name, role, presenceId };
    return [
      { rank: 'joined', event: { type: 'rushes.participant.joined.v1', atMs: joinedMs, participantId, data: joined } },
      {
        rank: 'left',
        event: { type: 'rushes.participant.left.v1', atMs: leftMs, participantId, data: { presenceId } },
      },
    ];
  });
}

function stepsOfTrack({ startMs, endMs, participantId, speech: _, ...track }: StoredTrackFacts): Step[] {
  const { trackId, kind, source } = track;
  const data = { trackId };
  const sharing: Step[] = [
    { rank: 'share-started', event: { type: 'rushes.screen.share-started.v1', atMs: startMs, participantId, data } },
    { rank: 'share-stopped', event: { type: 'rushes.screen.share-stopped.v1', atMs: endMs, participantId, data } },
  ];
  return [
    { rank: 'started', event: { type: 'rushes.track.started.v1', atMs: startMs, participantId, data: track } },
    { rank: 'ended', event: { type: 'rushes.track.ended.v1', atMs: endMs, participantId, data } },
    ...(kind === 'video' && source === 'screen' ? sharing : []),
  ];
}

/** Somebody with two microphones speaks once. */
function speechOf([participantId, tracks]: [ParticipantId, StoredTrackFacts[]]): Step[] {
  const joined: Stretch[] = [];
  for (const stretch of tracks.flatMap(({ speech }) => speech).sort((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last && stretch.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, stretch.toMs);
    else joined.push({ ...stretch });
  }
  return joined.flatMap(({ fromMs, toMs }): Step[] => [
    { rank: 'speech-started', event: { type: 'rushes.speech.started.v1', atMs: fromMs, participantId, data: {} } },
    { rank: 'speech-stopped', event: { type: 'rushes.speech.stopped.v1', atMs: toMs, participantId, data: {} } },
  ]);
}
