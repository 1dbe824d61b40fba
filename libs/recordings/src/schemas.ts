import { z } from 'zod';
import { recordingPathSchema } from '@rushes/platform';
import { idSchema, participantRoleSchema, recordingEndReasonSchema } from '@rushes/timeline';

export const recordingStatusSchema = z.enum(['recording', 'processing', 'ready', 'failed']).meta({
  description:
    'recording: runs. processing: ended, files are being made. ready: complete. failed: not all of it could be made.',
});

export const recordingSchema = z
  .object({
    recordingId: idSchema,
    roomId: idSchema,
    title: z.string().nullable(),
    status: recordingStatusSchema,
    recordedAt: z.int().meta({ description: 'Start, epoch milliseconds.' }),
    durationMs: z.int().min(0).nullable().meta({ description: 'Length; null while it runs.' }),
    endReason: recordingEndReasonSchema.nullable(),
    continuesRecordingId: idSchema.nullable().meta({
      description:
        'The recording of the same meeting that the end of a process cut short, and that this one goes on after.',
    }),
  })
  .meta({ id: 'Recording' });
export type Recording = z.infer<typeof recordingSchema>;

export const recordingListSchema = z
  .object({
    recordings: z.array(recordingSchema).meta({ description: 'The newest first.' }),
    nextCursor: z.string().nullable().meta({ description: 'Give it as `cursor` for the next page; null on the last.' }),
  })
  .meta({ id: 'RecordingList' });
export type RecordingList = z.infer<typeof recordingListSchema>;

export const startRecordingSchema = z
  .strictObject({
    roomId: idSchema,
    title: z
      .string('expected a text')
      .min(1, 'expected at least 1 character')
      .max(200, 'expected at most 200 characters')
      .optional(),
    external: z
      .boolean('expected true or false')
      .default(false)
      .meta({
        description:
          'The meeting is not in a room of this service: its pages deliver events with capture tokens. ' +
          'Such a recording ends by itself when nothing has been delivered for five minutes.',
      }),
    highestLayer: z
      .int('expected a whole number')
      .min(0, 'expected at least 0')
      .max(7, 'expected at most 7')
      .optional()
      .meta({
        description:
          'Highest spatial layer of simulcast and SVC senders to record, counted from 0: 0 keeps the smallest picture. ' +
          'Default: the highest there is. Only for rooms of this service.',
      }),
  })
  .refine(({ external, highestLayer }) => !external || highestLayer === undefined, {
    path: ['highestLayer'],
    message: 'expected none with external: whoever records the tracks says it there',
  })
  .meta({ id: 'StartRecording' });

const count = (max: number) =>
  z.coerce
    .number('expected a number')
    .int('expected a whole number')
    .min(1, 'expected at least 1')
    .max(max, `expected at most ${max}`);
const epochMs = z.coerce
  .number('expected epoch milliseconds')
  .int('expected whole epoch milliseconds')
  .min(0, 'expected epoch milliseconds');

export const listQuerySchema = z.strictObject({
  status: recordingStatusSchema.optional(),
  roomId: idSchema.optional(),
  recordedFrom: epochMs.optional().meta({ description: 'Started at or after, epoch milliseconds.' }),
  recordedBefore: epochMs.optional().meta({ description: 'Started before, epoch milliseconds.' }),
  limit: count(100).default(20),
  cursor: z.string().max(200).optional(),
  token: z.string().optional().meta({ description: 'A viewer token, where no header can be sent.' }),
});
export type ListQuery = z.infer<typeof listQuerySchema>;

export const presencePathSchema = recordingPathSchema.extend({
  participantId: idSchema,
  presenceId: idSchema.meta({ description: 'One stay in the meeting; your own id of it. Who comes back has another.' }),
});
export type PresencePath = z.infer<typeof presencePathSchema>;

export const presenceSchema = z
  .strictObject({
    name: z
      .string('expected a text')
      .min(1, 'expected at least 1 character')
      .max(100, 'expected at most 100 characters'),
    role: participantRoleSchema.default('guest'),
  })
  .meta({ id: 'Presence' });
export type Presence = z.infer<typeof presenceSchema>;

const ttlSeconds = z
  .int('expected whole seconds')
  .min(10, 'expected at least 10 seconds')
  .max(7 * 86_400, 'expected at most 604800 seconds')
  .optional()
  .meta({ description: 'Life of the token; the default of its scope is configured.' });

export const tokenRequestSchema = z
  .discriminatedUnion('scope', [
    z.strictObject({
      scope: z.literal('meeting'),
      roomId: idSchema,
      participantId: idSchema.optional().meta({ description: 'Made up when it is not given.' }),
      name: z.string().min(1).max(100).optional(),
      role: z.enum(['host', 'guest']).default('guest'),
      ttlSeconds,
    }),
    z.strictObject({ scope: z.literal('capture'), recordingId: idSchema, participantId: idSchema, ttlSeconds }),
    z.strictObject({
      scope: z.literal('viewer'),
      recordingId: idSchema.optional().meta({ description: 'Without it, the token is good for all recordings.' }),
      canExport: z.boolean().default(false),
      ttlSeconds,
    }),
  ])
  .meta({ id: 'TokenRequest' });

export const tokenAnswerSchema = z
  .object({
    token: z.string(),
    expiresAt: z.int().meta({ description: 'Epoch milliseconds.' }),
    participantId: idSchema.optional().meta({ description: 'With meeting and capture tokens.' }),
  })
  .meta({ id: 'Token' });
export type TokenAnswer = z.infer<typeof tokenAnswerSchema>;
