import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compareDocuments } from './compare-documents.ts';
import type { JsonSchema } from './compare-schemas.ts';

const type = 'rushes.tea.brewed.v1';
const tea = {
  kind: z.enum(['black', 'green']),
  reason: z.enum(['thirst', 'habit']).meta({ 'x-extensible': true }),
  cups: z.int().max(12),
  note: z.string().max(50).optional(),
  guests: z.array(z.object({ name: z.string() })),
};

function compare(after: z.ZodType): string[] {
  const schemaOf = (data: z.ZodType) => z.toJSONSchema(z.object({ data })) as JsonSchema;
  return compareDocuments(new Map([[type, schemaOf(z.object(tea))]]), new Map([[type, schemaOf(after)]]));
}

describe('a schema may', () => {
  it('stay as it is, and change its texts', () => {
    expect(compare(z.object(tea))).toEqual([]);
    expect(compare(z.object({ ...tea, cups: tea.cups.describe('How many.') }).describe('Tea.'))).toEqual([]);
  });

  it('get an optional field, on every level', () => {
    const guests = z.array(z.object({ name: z.string(), sugar: z.int().optional() }));
    expect(compare(z.object({ ...tea, guests, milk: z.boolean().optional() }))).toEqual([]);
  });

  it('get further values where readers were told to expect them', () => {
    const reason = z.enum(['thirst', 'habit', 'cold']).meta({ 'x-extensible': true });
    expect(compare(z.object({ ...tea, reason }))).toEqual([]);
  });
});

describe('a schema may not', () => {
  const { note: _, ...withoutNote } = tea;
  const cases: [change: string, after: z.ZodType, finding: RegExp][] = [
    ['lose a field', z.object(withoutNote), /data\.note: the field is gone/],
    ['get a required field', z.object({ ...tea, milk: z.boolean() }), /data\.milk: the field is new and required/],
    ['require what was optional', z.object({ ...tea, note: z.string().max(50) }), /data\.note: .* become required/],
    [
      'make optional what readers count on',
      z.object({ ...tea, kind: tea.kind.optional() }),
      /data\.kind: .* no longer/,
    ],
    ['lose a value of an enum', z.object({ ...tea, kind: z.enum(['black']) }), /data\.kind: the value "green" is gone/],
    [
      'get a value that readers do not expect',
      z.object({ ...tea, kind: z.enum(['black', 'green', 'white']) }),
      /data\.kind: the value "white" is new/,
    ],
    [
      'take the promise of further values back',
      z.object({ ...tea, reason: z.enum(['thirst', 'habit']) }),
      /x-extensible/,
    ],
    ['change a type', z.object({ ...tea, cups: z.string() }), /data\.cups: type was "integer" and is now "string"/],
    ['narrow a bound', z.object({ ...tea, cups: z.int().max(6) }), /data\.cups: maximum was 12 and is now 6/],
    ['widen a bound', z.object({ ...tea, note: z.string().max(80).optional() }), /data\.note: maxLength was 50/],
    [
      'change something inside a list',
      z.object({ ...tea, guests: z.array(z.object({ name: z.string().min(2) })) }),
      /data\.guests\[\]\.name: minLength was absent and is now 2/,
    ],
    [
      'become an alternative',
      z.object({ ...tea, note: z.union([z.string().max(50), z.int()]).optional() }),
      /data\.note: type was/,
    ],
  ];

  it.each(cases)('%s', (_change, after, finding) => {
    const findings = compare(after);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0]).toMatch(finding);
    expect(findings[0]).toContain('Leave rushes.tea.brewed.v1 as it was');
    expect(findings[0]).toContain('put rushes.tea.brewed.v2 into the catalogue');
  });

  it('disappear', () => {
    expect(compareDocuments(new Map([[type, {}]]), new Map())).toEqual([
      expect.stringContaining('rushes.tea.brewed.v1: the schema is gone') as string,
    ]);
  });
});
