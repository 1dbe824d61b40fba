import { idSchema, trackKindSchema, trackSourceSchema } from '@rushes/timeline';
import { z } from 'zod';

/** RTP and DTLS structures: shape-checked here, checked in full by mediasoup. */
const opaque = z.record(z.string(), z.unknown());
const rtpParameters = z.looseObject({ codecs: z.array(opaque).min(1).max(64) });
const transportId = z.string().min(1).max(64);
const consumerId = z.string().min(1).max(64);
const nothing = z.object({});
const pauseReason = z.enum(['muted', 'camera-off']);

/**
 * What a page may ask over `/v1/rooms?token=…`, by method: the schema of `data`. `join` comes first; until it has
 * been answered every other method is refused with `not-joined`.
 */
export const requestSchemas = {
  /** Enters the room; whoever was in it with the same participantId is put out (`replaced`). */
  join: z.object({
    /** Default: the name in the token. */
    name: z.string().trim().min(1).max(100).optional(),
  }),
  /** One transport a direction; asking again replaces the former one with all it carried. */
  createTransport: z.discriminatedUnion('direction', [
    z.object({ direction: z.literal('send') }),
    z.object({ direction: z.literal('receive'), rtpCapabilities: opaque }),
  ]),
  connectTransport: z.object({
    transportId,
    dtlsParameters: z.looseObject({ fingerprints: z.array(opaque).min(1).max(16) }),
  }),
  restartIce: z.object({ transportId }),
  /** One track a source; another of the same source is refused with `source-taken` until the first is closed. */
  produce: z
    .object({
      transportId,
      kind: trackKindSchema,
      source: trackSourceSchema,
      rtpParameters,
      /** Begin paused: muted microphone, camera off. */
      paused: pauseReason.optional(),
    })
    .refine((data) => (data.kind === 'audio') === (data.source === 'microphone' || data.source === 'screenAudio'), {
      path: ['kind'],
      message: 'expected audio for microphone and screenAudio, video for camera and screen',
    }),
  pauseProducer: z.object({ trackId: idSchema, reason: pauseReason }),
  resumeProducer: z.object({ trackId: idSchema }),
  closeProducer: z.object({ trackId: idSchema }),
  /** The consumer starts paused; `resumeConsumer` when the page is ready for it. */
  consume: z.object({ trackId: idSchema }),
  resumeConsumer: z.object({ consumerId }),
  pauseConsumer: z.object({ consumerId }),
  setPreferredLayers: z.object({
    consumerId,
    spatialLayer: z.int().min(0).max(10),
    temporalLayer: z.int().min(0).max(10).optional(),
  }),
  /** Chat, polls, hands, reactions, captions, marks and plugins: relayed to everybody else, applied to the room's state. */
  sendEvent: z.object({
    type: z.string().min(1).max(200),
    data: z.unknown(),
    /** The recording to which this page's capture SDK has emitted the event itself; absent when to none. */
    emittedTo: idSchema.optional(),
  }),
  /** The room's state anew, after the page has lost track of it. */
  readState: nothing,
  /** A fresh token for the running recording's capture endpoint. */
  renewCaptureToken: nothing,
  /** A token with which any number of guests may come in (host). */
  invite: nothing,
  startRecording: z.object({
    title: z.string().trim().min(1).max(200).optional(),
    /** Highest spatial layer of simulcast and SVC senders to record, counted from 0. Default: the highest there is. */
    highestLayer: z.int().min(0).max(7).optional(),
  }),
  stopRecording: nothing,
  /** Ends the meeting for everybody (host). */
  endRoom: nothing,
  leave: nothing,
} as const;

export type Method = keyof typeof requestSchemas;
export type RequestData = { [M in Method]: z.infer<(typeof requestSchemas)[M]> };
/** As the page writes it, before defaults. */
export type RequestInput = { [M in Method]: z.input<(typeof requestSchemas)[M]> };

/** A frame from the page. */
export const requestFrameSchema = z.object({
  /** Chosen by the page; stands in the answer. */
  id: z.int().min(0),
  method: z.enum(Object.keys(requestSchemas) as [Method, ...Method[]]),
  data: z.unknown().optional(),
});
