import type { z } from 'zod';
import { ProblemError, type ProblemField } from './problem-error.ts';

/**
 * `value` checked by `schema`. `where` is the part of the request: `body`, `query`, `path`.
 * @throws ProblemError 400 `input-invalid` naming every field and what was expected.
 */
export function parseInput<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'body' | 'query' | 'path',
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap((issue) => fieldsOf(issue, where));
  throw new ProblemError(
    400,
    'input-invalid',
    fields.map(({ field, expected }) => `${field}: ${expected}`).join('; '),
    fields,
  );
}

function fieldsOf(issue: z.core.$ZodIssue, where: string): ProblemField[] {
  const path = [where, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...path, key].join('.'), expected: 'no such field' }));
  }
  return [{ field: path.join('.'), expected: issue.message }];
}
