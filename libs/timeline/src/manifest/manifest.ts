import { z } from 'zod';
import { idSchema } from '../events/envelope.ts';
import {
  gapReasonSchema,
  participantRoleSchema,
  recordingEndReasonSchema,
  trackKindSchema,
  trackSourceSchema,
} from '../events/catalogue.ts';

/** A key relative to the recording's folder (`recordings/<recordingId>/`), so also relative to the manifest's URL. */
const relativeKey = z.string().regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'expected a relative object key');
const ms = z.number().min(0);

export const gapSchema = z.object({ fromMs: ms, toMs: ms, reason: gapReasonSchema });
export type Gap = z.infer<typeof gapSchema>;

/** How the sender's clock was mapped to the recording clock, so that a track's accuracy can be judged. */
export const trackSyncSchema = z.object({
  method: z.enum(['sender-reports', 'arrival-envelope']),
  senderReports: z.int().min(0),
  /** Sender clock against the recording clock, parts per million. */
  driftPpm: z.number(),
  /** 95th percentile of |sender report − fitted line|, milliseconds. */
  residualP95Ms: z.number(),
  /** Sender reports that lie on no line, left out of the fit. Absent in what earlier versions derived. */
  outliers: z.int().min(0).optional(),
});
export type TrackSync = z.infer<typeof trackSyncSchema>;

/** A playable, seekable file. The file's timestamp `t` seconds is `startMs + 1000 t` on the recording clock. */
export const trackMediaSchema = z.object({
  key: relativeKey,
  /** With codecs, as `<video>` and MediaSource take it: `video/webm; codecs="vp8"`. */
  mimeType: z.string(),
  startMs: z.number(),
  durationMs: ms,
  sizeBytes: z.int().min(0),
  /** Of the first picture. */
  width: z.int().optional(),
  height: z.int().optional(),
  /** Others that its pictures have later (a turned phone, another layer), each once. Absent where there are none. */
  otherSizes: z.array(z.object({ width: z.int(), height: z.int() })).optional(),
});
export type TrackMedia = z.infer<typeof trackMediaSchema>;

export const manifestTrackSchema = z.object({
  trackId: idSchema,
  participantId: idSchema,
  kind: trackKindSchema,
  source: trackSourceSchema,
  codec: z.string(),
  startMs: ms,
  /** null while the track runs. */
  endMs: ms.nullable(),
  /** null until the file has been derived, or when no packet ever came. */
  media: trackMediaSchema.nullable(),
  gaps: z.array(gapSchema),
  sync: trackSyncSchema.nullable(),
});
export type ManifestTrack = z.infer<typeof manifestTrackSchema>;

export const chunkRefSchema = z.object({
  key: relativeKey,
  /** First and last instant covered; the next chunk of the stream starts at or after `endMs`. */
  startMs: ms,
  endMs: ms,
  sizeBytes: z.int().min(0),
  eventCount: z.int().min(0),
});
export type ChunkRef = z.infer<typeof chunkRefSchema>;

export const surfaceSchema = z.object({
  surface: idSchema,
  participantId: idSchema.nullable(),
  /** Ordered by `startMs`, not overlapping. */
  chunks: z.array(chunkRefSchema),
  gaps: z.array(gapSchema),
});

export const manifestSchema = z.object({
  version: z.literal(1),
  recordingId: idSchema,
  roomId: idSchema,
  title: z.string().nullable(),
  /** `recording`: grows; follow its end. `processing`: ended, files being derived. `ready`: complete. */
  status: z.enum(['recording', 'processing', 'ready', 'failed']),
  /** Epoch milliseconds of the recording clock's zero. */
  recordedAt: z.int(),
  /** Final length, or what is stored so far while status is `recording`. */
  durationMs: ms,
  endReason: recordingEndReasonSchema.nullable(),
  participants: z.array(
    z.object({
      participantId: idSchema,
      name: z.string(),
      role: participantRoleSchema,
      presences: z.array(z.object({ presenceId: idSchema, joinedAtMs: ms, leftAtMs: ms.nullable() })),
    }),
  ),
  tracks: z.array(manifestTrackSchema),
  timeline: z.object({
    /** Interactive events; ordered by `startMs`, together covering the recording. */
    events: z.array(chunkRefSchema),
    surfaces: z.array(surfaceSchema),
  }),
  /** Stretches in which the whole recording misses something. */
  gaps: z.array(gapSchema),
  markers: z.array(z.object({ atMs: ms, label: z.string() })),
  /** `room` or `dom:<surface>`. */
  perspectives: z.array(z.object({ id: z.string(), title: z.string() })),
});
export type Manifest = z.infer<typeof manifestSchema>;
