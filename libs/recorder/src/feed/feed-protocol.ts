import { trackHeaderSchema, trackNoteSchema } from '@rushes/media';
import { idSchema, participantRoleSchema } from '@rushes/timeline';
import { z } from 'zod';

/**
 * How a track comes from another process: one WebSocket a track, at {@link feedPath}, with an API key.
 *
 *     -> time …                     <- time …              as often as wanted: whose clock is how far ahead
 *     -> hello                      <- welcome | refused   or ended, when it had come to its end before the connection was lost
 *     -> begin                                             not when it goes on after a lost connection
 *     -> packets (binary), note …   <- ack …               items, counted from 0; an ack says that disk has them
 *     -> end                        <- ended               or ended alone, when the recording has ended
 *
 * A sender keeps what is not acknowledged. After a lost connection it says hello with `isResumed` and goes on at `nextSeq`.
 */
export const feedPath = '/v1/tracks/feed';
export const feedProtocol = 1;
/** Of one message. */
export const maxFeedBytes = 1 << 20;

const seq = z.int().min(0);
const atMs = z.number().min(0).max(0xffff_ffff);

/** One stay of a participant; tracks of the same one carry the same. null where it does not follow the tracks. */
export const feedPresenceSchema = z.object({
  presenceId: idSchema,
  name: z.string().min(1, 'expected at least 1 character').max(100, 'expected at most 100 characters'),
  role: participantRoleSchema,
});
export type FeedPresence = z.infer<typeof feedPresenceSchema>;

export const feedRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('time'), t0: z.number() }),
  z.object({
    kind: z.literal('hello'),
    protocol: z.int(),
    recordingId: idSchema,
    trackId: idSchema,
    isResumed: z.boolean(),
  }),
  z.object({ kind: z.literal('begin'), header: trackHeaderSchema, presence: feedPresenceSchema.nullable() }),
  z.object({ kind: z.literal('note'), seq, note: trackNoteSchema }),
  /** `isGone`: it was its participant's last track, whose presence ends too; `presenceId`: that of now, if another has begun since. */
  z.object({ kind: z.literal('end'), seq, atMs, isGone: z.boolean(), presenceId: idSchema.optional() }),
]);
export type FeedRequest = z.infer<typeof feedRequestSchema>;

export const feedRefusalSchema = z.object({
  kind: z.literal('refused'),
  /** `track-elsewhere`: another recorder has it, which another connection may reach. `track-lost`: none has; a new track can be begun. */
  code: z.enum([
    'malformed',
    'recording-not-found',
    'recording-over',
    'track-exists',
    'track-elsewhere',
    'track-lost',
    'unavailable',
  ]),
  message: z.string(),
});
export type FeedRefusal = z.infer<typeof feedRefusalSchema>;

export const feedReplySchema = z.discriminatedUnion('kind', [
  /** `epochMs`: the recorder's clock, which recordings count from. */
  z.object({ kind: z.literal('time'), t0: z.number(), epochMs: z.number() }),
  /** `recordedAt`: epoch milliseconds, by the recorder's clock, of the recording clock's zero. */
  z.object({ kind: z.literal('welcome'), recordedAt: z.number(), nextSeq: seq }),
  z.object({ kind: z.literal('ack'), seq }),
  z.object({ kind: z.literal('ended'), reason: z.enum(['ended', 'recording-over']) }),
  feedRefusalSchema,
]);
export type FeedReply = z.infer<typeof feedReplySchema>;
