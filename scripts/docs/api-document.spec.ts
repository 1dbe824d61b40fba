import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { apiDocumentFile, apiDocumentText } from './api-document.ts';

it('docs/openapi.json is what the schemas say (write it anew with scripts/docs/write-api-document.ts)', async () => {
  expect(await readFile(apiDocumentFile, 'utf8')).toBe(apiDocumentText());
});
