import { z } from 'zod';
import { participantRoleSchema, trackSourceSchema } from '../events/catalogue.ts';
import { atMsSchema, idSchema } from '../events/envelope.ts';
import { importedRoomId } from '../ids.ts';

const text = (max: number) =>
  z.string('expected a text').min(1, 'expected a text').max(max, `expected at most ${max} characters`);

const fileExpected = 'expected the path of a file in the folder';
/** Relative to the folder of import.json; `/` between folders. */
const fileSchema = text(500)
  .regex(/^(?![/\\])(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\0]+$/, { error: fileExpected, abort: true })
  // The published pattern stands as it is, and looks no further than a line break.
  .refine((file) => !file.split('/').includes('..'), fileExpected)
  .meta({ description: 'Path of the file, relative to the folder of import.json.' });

const instantExpected = 'expected epoch milliseconds or a time like 2026-03-01T09:30:00Z';
/** A wall-clock instant: epoch milliseconds, or RFC 3339 text with its offset. */
export const instantSchema = z
  .union([z.int(instantExpected).min(0), z.iso.datetime({ offset: true, error: instantExpected })], instantExpected)
  .meta({ description: 'Epoch milliseconds, or a time like 2026-03-01T09:30:00Z.' });

const placement = {
  startMs: atMsSchema.optional().meta({
    description: 'When the first thing in the file happened, milliseconds since the recording began.',
  }),
  startsAt: instantSchema.optional().meta({ description: 'The same by the wall clock.' }),
};

/** What RTP packets cannot say about themselves. */
const rtpSchema = z.strictObject({
  codec: z
    .string()
    .regex(/^(audio|video)\/[\w.-]+$/, 'expected a MIME type like audio/opus or video/VP8')
    .meta({
      description: 'MIME type as in RTP capabilities: audio/opus, video/VP8, video/VP9, video/H264, video/AV1.',
    }),
  payloadType: z.int().min(0).max(127).optional().meta({
    description:
      'Only packets of this payload type. Needed when the file holds several, of retransmissions for example.',
  }),
  clockRate: z.int().min(1000).max(1_000_000).optional().meta({
    description: 'Ticks of the RTP timestamp in a second; by default 48000 for audio and 90000 for video.',
  }),
  cname: text(255).optional().meta({
    description: 'RTCP canonical name: tracks of a participant with the same one share the sender’s clock.',
  }),
});

const trackSchema = z.strictObject({
  file: fileSchema,
  participant: idSchema.meta({ description: 'The id of one of the participants.' }),
  source: trackSourceSchema.optional().meta({
    description:
      'A file with sound and pictures becomes two tracks: camera or microphone means both of these, screen or screenAudio both of ' +
      'those. By default camera and microphone.',
  }),
  trackId: idSchema.optional().meta({
    description:
      'To be set when recorded pages name the track (data-rushes-track). In a file with sound and pictures that of the pictures.',
  }),
  ...placement,
  rtp: rtpSchema.optional().meta({ description: 'For rtpdump files, which need it.' }),
});

/**
 * What `import.json` says about the files beside it: who is in them, what they show, and where they stand in time.
 * Without placement a media file or chat log begins with the recording; rtpdump and rrweb files stand where their own clocks say.
 */
export const importDocumentSchema = z
  .strictObject({
    title: text(200).optional(),
    roomId: idSchema.default(importedRoomId).meta({ description: 'What recordings can be listed by.' }),
    recordedAt: instantSchema.optional().meta({
      description: 'When the recording begins. By default when the earliest of what is placed by the wall clock does.',
    }),
    sharedTimestamps: z
      .boolean('expected true or false')
      .default(false)
      .meta({
        description:
          'The timestamps in all media files without placement count from one instant, as those of Twilio do: the earliest of them ' +
          'begins with the recording, the others as much later as they say.',
      }),
    participants: z
      .array(
        z.strictObject({
          id: idSchema,
          name: text(100).optional().meta({ description: 'By default the id.' }),
          role: participantRoleSchema.default('guest'),
          presences: z
            .array(z.strictObject({ joinedMs: atMsSchema, leftMs: atMsSchema }))
            .optional()
            .meta({ description: 'By default one, from the first to the last of what there is of them.' }),
        }),
      )
      .optional()
      .meta({ description: 'By default everybody that the files name.' }),
    tracks: z.array(trackSchema).default([]),
    pages: z
      .array(
        z.strictObject({
          file: fileSchema,
          participant: idSchema,
          name: z
            .string()
            .regex(/^[a-z0-9]{1,20}$/, 'expected 1 to 20 lower-case letters or digits')
            .optional()
            .meta({ description: 'Tells several pages of a participant apart.' }),
          ...placement,
        }),
      )
      .default([])
      .meta({ description: 'rrweb events, as a JSON array or one a line.' }),
    chats: z.array(z.strictObject({ file: fileSchema, ...placement })).default([]),
  })
  .superRefine(({ participants, tracks, pages, chats }, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const ids = participants?.map(({ id }) => id);
    ids?.forEach((id, index) => {
      if (ids.indexOf(id) !== index) refuse(['participants', index, 'id'], 'expected another id than those before');
    });
    participants?.forEach(({ presences }, person) =>
      presences?.forEach(({ joinedMs, leftMs }, index) => {
        const path = ['participants', person, 'presences', index];
        if (leftMs < joinedMs) refuse([...path, 'leftMs'], 'expected at or after joinedMs');
        else if (joinedMs < (presences[index - 1]?.leftMs ?? 0))
          refuse([...path, 'joinedMs'], 'expected at or after the leftMs before');
      }),
    );
    for (const [list, entries] of Object.entries({ tracks, pages, chats })) {
      entries.forEach(({ startMs, startsAt, ...entry }, index) => {
        if (startMs !== undefined && startsAt !== undefined) {
          refuse([list, index, 'startsAt'], 'expected either startMs or startsAt');
        }
        const participant = 'participant' in entry ? (entry.participant as string) : undefined;
        if (ids && participant !== undefined && !ids.includes(participant)) {
          refuse([list, index, 'participant'], `expected one of the participants: ${ids.join(', ')}`);
        }
      });
    }
    const trackIds = tracks.map(({ trackId }) => trackId);
    trackIds.forEach((trackId, index) => {
      if (trackId !== undefined && trackIds.indexOf(trackId) !== index) {
        refuse(['tracks', index, 'trackId'], 'expected another trackId than those before');
      }
    });
  });

export type ImportDocument = z.infer<typeof importDocumentSchema>;
/** As it is written, defaults left out. */
export type ImportDocumentInput = z.input<typeof importDocumentSchema>;
