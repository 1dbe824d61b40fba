import { gapReasonSchema, idSchema, trackKindSchema, trackSourceSchema } from '@rushes/timeline';
import { z } from 'zod';
import { MediaError } from '../media-error.ts';

const atMs = z.number();

/** The first line of a track's notes: what the packets cannot say about themselves. */
export const trackHeaderSchema = z.object({
  kind: z.literal('track'),
  version: z.literal(1),
  trackId: idSchema,
  participantId: idSchema,
  media: trackKindSchema,
  source: trackSourceSchema,
  /** MIME type as in RTP capabilities: `audio/opus`, `video/VP8`. */
  codec: z.string(),
  /** Ticks of the RTP timestamp in a second. */
  clockRate: z.number().positive(),
  /** RTCP canonical name: tracks with the same one share the sender's clock. null when the sender gave none. */
  cname: z.string().nullable(),
  /** When recording of the track began, on the recording clock. */
  startMs: atMs,
});
export type TrackHeader = z.infer<typeof trackHeaderSchema>;

/** What happened to a track while it was recorded; `atMs` on the recording clock. */
export const trackNoteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('paused'), atMs, reason: z.enum(['muted', 'camera-off']) }),
  z.object({ kind: z.literal('resumed'), atMs }),
  z.object({
    kind: z.literal('layer-changed'),
    atMs,
    spatialLayer: z.int().nullable(),
    temporalLayer: z.int().nullable(),
  }),
  /** Packets of this stretch were not stored, for a reason that lies with the recorder. */
  z.object({ kind: z.literal('lost'), atMs, toMs: atMs, reason: gapReasonSchema }),
  z.object({ kind: z.literal('ended'), atMs }),
]);
export type TrackNote = z.infer<typeof trackNoteSchema>;

export type TrackNotes = { header: TrackHeader; notes: TrackNote[] };

/** One line of the notes, with its line break. */
export function encodeNote(note: TrackHeader | TrackNote): string {
  return JSON.stringify(note) + '\n';
}

/**
 * Reads notes back. A torn last line (a killed process) is left out.
 * @throws MediaError `notes-unreadable` naming the line.
 */
export function decodeNotes(bytes: Uint8Array): TrackNotes {
  const lines = new TextDecoder().decode(bytes).split('\n');
  // What follows the last line break is empty, or torn.
  lines.pop();
  const parsed = lines.map((line, index) => {
    try {
      return index === 0 ? trackHeaderSchema.parse(JSON.parse(line)) : trackNoteSchema.parse(JSON.parse(line));
    } catch (cause) {
      throw new MediaError(
        'notes-unreadable',
        `line ${index + 1}: expected ${index === 0 ? 'a track header' : 'a note'}`,
        { cause },
      );
    }
  });
  const [header, ...notes] = parsed;
  if (header?.kind !== 'track') throw new MediaError('notes-unreadable', 'line 1: expected a track header');
  return { header, notes: notes.filter((note): note is TrackNote => note.kind !== 'track') };
}
