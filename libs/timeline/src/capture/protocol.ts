import { z } from 'zod';

/**
 * The capture protocol, version 1: JSON texts over a WebSocket at `/v1/capture?token=…`, between a captured page and the
 * gateway. The page says `hello`, is told `welcome`, and sends one batch after another; a batch is acknowledged when its
 * events are durable. `time` may be asked at any moment.
 */
export const captureProtocol = 1;

const capturedEventSchema = z.object({
  /** Counts from 0 within the batch's `source`; rises within a batch. */
  seq: z.int().min(0).max(2_147_483_647),
  type: z.string().max(200),
  /** Recording clock, as the page measured it; the gateway bounds it. */
  atMs: z.number(),
  data: z.unknown(),
});

/** `participants/<participantId>/<captureId>`: one page load's events. */
const sourceSchema = z
  .string()
  .max(256)
  .regex(/^participants\/[\w-]+\/[\w-]+$/, 'expected participants/<participantId>/<captureId>');

export const captureRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello'), protocol: z.int(), source: sourceSchema }),
  z.object({ kind: z.literal('time'), t0: z.number() }),
  z.object({
    kind: z.literal('batch'),
    batchId: z.int().min(0),
    /** The page's own source, or an older one of the same participant that was not acknowledged before a reload. */
    source: sourceSchema,
    events: z.array(capturedEventSchema).min(1).max(2000),
  }),
]);
export type CaptureRequest = z.infer<typeof captureRequestSchema>;
export type CapturedEvent = z.infer<typeof capturedEventSchema>;

/**
 * Why a batch was refused. `malformed`, `too-large` and `unauthorised` will be refused again; `rate-limited` and
 * `unavailable` (the log or the store cannot take it now) are retriable.
 */
export type CaptureRefusal = 'unauthorised' | 'malformed' | 'too-large' | 'rate-limited' | 'unavailable';

export type CaptureReply =
  | {
      kind: 'welcome';
      recordingId: string;
      participantId: string;
      /** The recording clock now, milliseconds. */
      nowMs: number;
      limits: { maxEventBytes: number; maxBatchBytes: number };
    }
  | { kind: 'time'; t0: number; nowMs: number }
  | { kind: 'ack'; batchId: number }
  | {
      kind: 'nack';
      /** -1 when the refused message was no readable batch. */
      batchId: number;
      code: CaptureRefusal;
      retriable: boolean;
      message: string;
      /** The one event that caused it; the others of the batch may be sent again without it. */
      seq?: number;
      /** Least wait before the next attempt, milliseconds. */
      retryAfterMs?: number;
    };

/** Event families that a captured page may send; everything else is said by services. */
export const browserEventTypes = [
  'rushes.chat.message-sent.v1',
  'rushes.poll.opened.v2',
  'rushes.poll.voted.v1',
  'rushes.poll.closed.v1',
  'rushes.reaction.sent.v1',
  'rushes.hand.raised.v1',
  'rushes.hand.lowered.v1',
  'rushes.caption.spoken.v1',
  'rushes.screen.share-started.v1',
  'rushes.screen.share-stopped.v1',
  'rushes.recording.marked.v1',
  'rushes.dom.recorded.v1',
  'rushes.dom.gap-noted.v1',
] as const;
export type BrowserEventType = (typeof browserEventTypes)[number];
