import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { schemaFiles, schemasFolder } from './event-schemas.ts';

it('docs/schemas is what the catalogue says (write it anew with scripts/docs/write-event-schemas.ts)', async () => {
  const files = schemaFiles();
  expect((await readdir(schemasFolder)).sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) expect(await readFile(new URL(name, schemasFolder), 'utf8'), name).toBe(text);
});
