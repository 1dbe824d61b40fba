import { z } from 'zod';
import { idPattern } from '../ids.ts';

export const idSchema = z
  .string()
  .regex(idPattern, 'expected 1 to 64 letters, digits, "-" or "_", starting with a letter or digit');

/** Milliseconds since the recording started, on the recording clock. */
export const atMsSchema = z.int().min(0).max(2_147_483_647);

/**
 * One timeline event on the wire and in the log: CloudEvents 1.0, structured JSON.
 * `source` + `seq` is unique: a consumer that has seen the pair drops the event as a duplicate.
 * Extension attributes (`recordingid`, `participantid`, `seq`, `atms`) are lower case, as CloudEvents requires.
 */
export const envelopeSchema = z.object({
  specversion: z.literal('1.0'),
  /** `<source>#<seq>`. */
  id: z.string().min(1).max(300),
  /** Who says so: `participants/<participantId>/<captureId>` or `services/<name>/<instanceId>`. */
  source: z
    .string()
    .max(256)
    .regex(/^(participants|services)\/[\w.-]+\/[\w.-]+$/, 'expected participants/<id>/<id> or services/<name>/<id>'),
  type: z.string().regex(/^rushes\.[a-z0-9.-]+\.v[1-9]\d*$/, 'expected rushes.<family>.<past-tense>.v<major>'),
  /** The recordingId. */
  subject: idSchema,
  /** RFC 3339 wall-clock time at which the event was stamped. */
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  recordingid: idSchema,
  participantid: idSchema.optional(),
  /** Counts from 0 within one `source`. */
  seq: z.int().min(0).max(2_147_483_647),
  atms: atMsSchema,
  data: z.unknown(),
});

export type EventEnvelope = z.infer<typeof envelopeSchema>;
