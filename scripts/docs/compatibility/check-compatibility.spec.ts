import { expect, it } from 'vitest';
import { checkCompatibility } from './check-compatibility.ts';

it(
  'no schema has changed in a way that breaks readers of a version that was ever committed',
  { timeout: 30_000 },
  () => {
    expect(checkCompatibility()).toEqual([]);
  },
);
