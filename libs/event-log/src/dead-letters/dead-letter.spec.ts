import { expect, it } from 'vitest';
import { deadLetterSchema, DeadLetterWriter } from './dead-letter.ts';

it('keeps so much of a reason and a key that a letter fits into its topic', () => {
  const record = { topic: 'rushes.events.v1', partition: 0, offset: 7, key: 'k'.repeat(1e6) } as const;
  const reason = { code: 'event-invalid', message: 'expected text; '.repeat(1e6) };
  const letter = new DeadLetterWriter('spec').note({ ...record, value: Buffer.alloc(8e6) }, 'group', reason);
  expect(JSON.stringify(letter).length).toBeLessThan(8_000_000);
  expect(deadLetterSchema.parse(letter.data)).toMatchObject({ offset: 7, sizeBytes: 8e6, code: 'event-invalid' });
});
