import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { configurationPage } from './document-variables.ts';

it('docs/configuration.md is what the schema says (write it anew with libs/platform/src/config/write-variables.ts)', async () => {
  const page = await readFile(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
  expect(page).toBe(configurationPage());
});
