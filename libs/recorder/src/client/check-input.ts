import type { z } from 'zod';
import { RecorderError } from './recorder-error.ts';

/** @throws RecorderError `input-invalid`, which names what is wrong */
export function checkInput(schema: z.ZodType, input: unknown): void {
  const { error } = schema.safeParse(input);
  if (!error) return;
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new RecorderError('input-invalid', problems.join('; '), false);
}
