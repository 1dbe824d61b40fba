import { z } from 'zod';
import type { ZodOpenApiResponsesObject } from 'zod-openapi';

/** RFC 9457, as every error is answered. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: '`urn:rushes:problem:<code>`' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable, for programs.' }),
    errors: z
      .array(z.object({ field: z.string(), expected: z.string() }))
      .optional()
      .meta({ description: 'The fields at fault and what was expected of them.' }),
    requestId: z.string().optional().meta({ description: 'Under which the log has it.' }),
  })
  .meta({ id: 'Problem' });

const meanings = {
  400: 'A field is not as expected.',
  401: 'No valid API key or token.',
  403: 'The token does not allow this.',
  404: 'There is no such thing.',
  409: 'Not in this state.',
  416: 'The range lies outside.',
  422: 'What is asked for cannot be done.',
} as const;
export type ProblemStatus = keyof typeof meanings;

const content = { 'application/problem+json': { schema: problemSchema } };

/** The problem answers that a path may give; 503, which any may, goes without saying. */
export function problemResponses(...statuses: ProblemStatus[]): ZodOpenApiResponsesObject {
  return {
    ...Object.fromEntries(statuses.map((status) => [String(status), { description: meanings[status], content }])),
    503: {
      description: 'Not to be had at the moment, as what it stands on is away: try again.',
      headers: { 'retry-after': { schema: { type: 'integer' }, description: 'Seconds.' } },
      content,
    },
  };
}

/** Who may call, for an operation's `security`. */
export const apiKeySecurity: Record<string, string[]>[] = [{ apiKey: [] }];
export const viewerSecurity: Record<string, string[]>[] = [{ apiKey: [] }, { token: [] }, { tokenInAddress: [] }];
