import { z } from 'zod';
import { idSchema } from './envelope.ts';

/**
 * The schema of `data` of versions that nobody writes any more. They stay published, since stored events are never rewritten;
 * `upcast.ts` brings them up to date on reading.
 */
export const earlierVersions = {
  'rushes.poll.opened.v1': z.object({
    pollId: idSchema,
    question: z.string().min(1).max(500),
    options: z.array(z.string().min(1).max(200)).min(2).max(20),
    multiple: z.boolean().default(false),
  }),
} as const;
