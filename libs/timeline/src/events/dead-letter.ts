import { z } from 'zod';

/**
 * `data` of `rushes.dead-letter.noted.v1`, which nobody writes any more: it held the record as it had been parsed. Its successor
 * is the event log's own.
 */
export const earlierDeadLetterSchema = z.object({
  /** For machines: which kind of problem. */
  code: z.string().min(1).meta({ 'x-extensible': true }),
  /** For people: the field and what was expected. */
  reason: z.string(),
  /** Where the record stood. */
  topic: z.string(),
  partition: z.int().min(0),
  offset: z.number().min(0),
  /** The record as it was; it need not be an event. */
  event: z.unknown(),
});
