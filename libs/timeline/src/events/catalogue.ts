import { z } from 'zod';
import { atMsSchema, idSchema } from './envelope.ts';

const nothing = z.object({});
/** Marks a published field that may get further values without a new version: readers take a value they do not know as unknown. */
const extensible = { 'x-extensible': true };
const text = (max: number) => z.string().min(1).max(max);

export const participantRoleSchema = z.enum(['host', 'guest', 'bot']);
export const trackKindSchema = z.enum(['audio', 'video']);
export const trackSourceSchema = z.enum(['camera', 'microphone', 'screen', 'screenAudio']);
export const recordingEndReasonSchema = z
  .enum(['stopped', 'room-ended', 'everyone-left', 'process-died', 'imported'])
  .meta(extensible);
/** Why media is missing over a stretch. */
export const gapReasonSchema = z
  .enum([
    'muted',
    'camera-off',
    'dtx',
    'network-loss',
    'recorder-down',
    'spool-full',
    'layer-switch',
    'capture-lost',
    'sender-asleep',
  ])
  .meta(extensible);

/** Claim check: a payload over 256 KB lies in the object store, under a key relative to the recording's folder. */
export const claimSchema = z.object({
  key: z.string().min(1),
  sizeBytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits'),
});
export type Claim = z.infer<typeof claimSchema>;

/** An rrweb event as rrweb emits it; `timestamp` is the capturing page's epoch milliseconds and is not used on replay. */
export const rrwebEventSchema = z.looseObject({
  type: z.int().min(0).max(6),
  timestamp: z.number(),
  data: z.unknown(),
});

/**
 * The schema of `data` for every event type at its current version.
 * Keys are the full `type`. Plugin events (`rushes.plugin.<id>.<event>.v<n>`) are described by their plugin.
 */
export const eventCatalogue = {
  'rushes.recording.started.v1': z.object({
    roomId: idSchema,
    title: z.string().max(200).optional(),
    /** Epoch milliseconds of the recording clock's zero. */
    recordedAt: z.int().min(0),
    /** The room's state when recording began in the middle of a meeting; a `RoomState`, applied as the first state. */
    initialState: z.unknown().optional(),
    /** The recording of the same meeting that a process's end cut short, and that this one goes on after. */
    continuesRecordingId: idSchema.optional(),
    /** Highest spatial layer of simulcast and SVC senders that is recorded, counted from 0. Absent: the highest there is. */
    highestLayer: z.int().min(0).max(7).optional(),
  }),
  'rushes.recording.paused.v1': nothing,
  'rushes.recording.resumed.v1': nothing,
  'rushes.recording.marked.v1': z.object({ label: text(200) }),
  'rushes.recording.ended.v1': z.object({ reason: recordingEndReasonSchema }),

  'rushes.participant.joined.v1': z.object({
    name: text(100),
    role: participantRoleSchema,
    /** One stay in the meeting; a participant who comes back has a new one. */
    presenceId: idSchema,
  }),
  'rushes.participant.left.v1': z.object({ presenceId: idSchema, reason: z.string().max(100).optional() }),
  'rushes.participant.updated.v1': z.object({ name: text(100).optional(), role: participantRoleSchema.optional() }),

  'rushes.track.started.v1': z.object({
    trackId: idSchema,
    kind: trackKindSchema,
    source: trackSourceSchema,
    /** MIME type as in RTP capabilities, for example `video/VP8`. */
    codec: z.string().regex(/^(audio|video)\/[\w.-]+$/),
  }),
  'rushes.track.paused.v1': z.object({ trackId: idSchema, reason: z.enum(['muted', 'camera-off']).meta(extensible) }),
  'rushes.track.resumed.v1': z.object({ trackId: idSchema }),
  'rushes.track.layer-changed.v1': z.object({
    trackId: idSchema,
    spatialLayer: z.int().nullable(),
    temporalLayer: z.int().nullable(),
  }),
  /** The track's playable file was derived (again). */
  'rushes.track.segment-stored.v1': z.object({
    trackId: idSchema,
    key: z.string().min(1),
    startMs: z.number(),
    durationMs: z.number().min(0),
    sizeBytes: z.int().min(0),
  }),
  /** Takes the place of every earlier one of the same track: a track derived again has the gaps of the newest. None: an empty list. */
  'rushes.track.gaps-found.v1': z.object({
    trackId: idSchema,
    /** Ascending, not overlapping. */
    gaps: z.array(z.object({ fromMs: atMsSchema, toMs: atMsSchema, reason: gapReasonSchema })),
  }),
  'rushes.track.ended.v1': z.object({ trackId: idSchema, reason: z.string().max(100).optional() }),

  'rushes.speech.started.v1': nothing,
  'rushes.speech.stopped.v1': nothing,

  'rushes.chat.message-sent.v1': z.object({ messageId: idSchema, text: text(4000) }),

  'rushes.poll.opened.v2': z.object({
    pollId: idSchema,
    question: text(500),
    options: z
      .array(z.object({ optionId: idSchema, text: text(200) }))
      .min(2)
      .max(20),
    /** Whether one participant may choose several options. */
    multiple: z.boolean().default(false),
  }),
  'rushes.poll.voted.v1': z.object({ pollId: idSchema, optionIds: z.array(idSchema).max(20) }),
  'rushes.poll.closed.v1': z.object({ pollId: idSchema }),

  'rushes.reaction.sent.v1': z.object({ emoji: text(32) }),
  'rushes.hand.raised.v1': nothing,
  'rushes.hand.lowered.v1': nothing,

  'rushes.caption.spoken.v1': z.object({
    /** The same id again replaces the text: interim results, then the final one. */
    captionId: idSchema,
    text: text(2000),
    language: z.string().max(35).optional(),
    isFinal: z.boolean().default(true),
  }),

  'rushes.screen.share-started.v1': z.object({ trackId: idSchema.optional() }),
  'rushes.screen.share-stopped.v1': z.object({ trackId: idSchema.optional() }),

  'rushes.dom.recorded.v1': z
    .object({
      surface: idSchema,
      event: rrwebEventSchema.optional(),
      /** Instead of `event`, when it is over 256 KB: the stored bytes are the event's JSON. */
      claim: claimSchema.optional(),
      /** rrweb event type, given with a claim so that a consumer knows a full snapshot without fetching it. */
      rrwebType: z.int().optional(),
    })
    .refine((data) => (data.event === undefined) !== (data.claim === undefined), {
      message: 'expected either event or claim',
    }),
  'rushes.dom.gap-noted.v1': z.object({
    surface: idSchema,
    fromMs: atMsSchema,
    toMs: atMsSchema,
    reason: gapReasonSchema,
  }),
} as const;

export type EventCatalogue = { [T in keyof typeof eventCatalogue]: z.infer<(typeof eventCatalogue)[T]> };
export type EventType = keyof EventCatalogue;
export type PluginEventType = `rushes.plugin.${string}.${string}.v${number}`;
export type EndReason = z.infer<typeof recordingEndReasonSchema>;
export type GapReason = z.infer<typeof gapReasonSchema>;
export type ParticipantRole = z.infer<typeof participantRoleSchema>;
export type TrackKind = z.infer<typeof trackKindSchema>;
export type TrackSource = z.infer<typeof trackSourceSchema>;
