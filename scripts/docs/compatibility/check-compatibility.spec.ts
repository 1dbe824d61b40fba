import { expect, it } from 'vitest';
import { checkCompatibility } from './check-compatibility.ts';
import { missingHistory } from './committed-schemas.ts';

const missing = missingHistory();

it(
  'no schema has changed in a way that breaks readers of a version that was ever committed',
  { timeout: 30_000 },
  () => {
    expect(checkCompatibility()).toEqual([]);
  },
);

// Where versions are missing, passing says less than it seems to: a skipped test is counted and named.
it.skipIf(missing !== undefined)(
  `every committed version is there to compare with${missing ? ` (${missing})` : ''}`,
  () => {
    expect(missing).toBeUndefined();
  },
);
