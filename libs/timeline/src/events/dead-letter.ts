import { z } from 'zod';

/** The one type of the topic `rushes.dead-letters.v1`; it is no part of any recording's timeline. */
export const deadLetterType = 'rushes.dead-letter.noted.v1';

/** `data` of a dead letter: a record that no consumer could ever take, and why. */
export const deadLetterSchema = z.object({
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
export type DeadLetter = z.infer<typeof deadLetterSchema>;
