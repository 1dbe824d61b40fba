import { z } from 'zod';
import type { ZodOpenApiResponsesObject } from 'zod-openapi';
import { problemResponses, type ProblemStatus } from './problem-responses.ts';

/** The headers of a request that `sendObject` answers. */
export const objectHeadersSchema = z.object({
  range: z.string().optional().meta({ description: 'One range of bytes.' }),
  'if-none-match': z.string().optional(),
});

/** What `sendObject` answers, and the problems that may stand in its place. */
export function objectResponses(mediaType: string, ...problems: ProblemStatus[]): ZodOpenApiResponsesObject {
  return {
    200: { description: 'The object.', content: { [mediaType]: {} } },
    206: { description: 'The range asked for.', content: { [mediaType]: {} } },
    302: { description: 'Where the object store itself sends it, if the installation does so.' },
    304: { description: 'Unchanged.' },
    ...problemResponses(401, 403, 404, 416, ...problems),
  };
}
