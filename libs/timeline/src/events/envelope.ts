import { z } from 'zod';
import { idPattern } from '../ids.ts';

export const idSchema = z
  .string()
  .regex(idPattern, 'expected 1 to 64 letters, digits, "-" or "_", starting with a letter or digit');

/** Milliseconds since the recording started, on the recording clock. */
export const atMsSchema = z.int().min(0).max(2_147_483_647);

/** What the envelope says beside `data`. */
export const envelopeAttributesSchema = z.object({
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
  /**
   * Claim check (CloudEvents' `dataref` extension): where the JSON of `data` lies when it is over 256 KB. A key of the object
   * store, and a URI reference relative to the API's `/v1/`. Stands in place of `data`.
   */
  dataref: z
    .string()
    .max(200)
    .regex(/^recordings\/[\w-]+\/timeline\/claims\/[0-9a-f]{64}$/, 'expected recordings/<id>/timeline/claims/<sha256>')
    .optional(),
  /** Size of what `dataref` refers to, bytes. */
  datasizebytes: z.int().min(0).optional(),
  /** SHA-256 of what `dataref` refers to, hexadecimal. */
  datasha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')
    .optional(),
});

/**
 * One timeline event on the wire and in the log: CloudEvents 1.0, structured JSON.
 * `source` + `seq` is unique: a consumer that has seen the pair drops the event as a duplicate.
 * Extension attributes (`recordingid`, `participantid`, `seq`, `atms`, those of the claim check) are lower case, as
 * CloudEvents requires. It has either `data` or all three of `dataref`, `datasizebytes` and `datasha256`.
 */
export const envelopeSchema = envelopeAttributesSchema
  .extend({ data: z.unknown().optional() })
  .refine((event) => event.data !== undefined || isClaimed(event), {
    path: ['data'],
    message: 'expected data, or dataref with datasizebytes and datasha256',
  });

export type EventEnvelope = z.infer<typeof envelopeSchema>;

type EnvelopeAttributes = z.infer<typeof envelopeAttributesSchema>;
type ClaimAttributes = 'dataref' | 'datasizebytes' | 'datasha256';
/** An envelope whose data lies in the object store. */
export type ClaimedEnvelope = EnvelopeAttributes & { [K in ClaimAttributes]: NonNullable<EnvelopeAttributes[K]> };

/** Whether the data must be fetched from the object store before the event can be read. */
export function isClaimed(event: EnvelopeAttributes): event is ClaimedEnvelope {
  return event.dataref !== undefined && event.datasizebytes !== undefined && event.datasha256 !== undefined;
}
