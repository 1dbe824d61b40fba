import { readdir, readFile } from 'node:fs/promises';
import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { streamDocuments } from '@rushes/recordings';
import { expect, it } from 'vitest';
import { docsFolder, schemasFolder, streamDocumentFiles } from './stream-documents.ts';

it('docs/asyncapi.json and docs/schemas are what the catalogue says (write them anew with npm run docs)', async () => {
  const files = streamDocumentFiles();
  const schemas = [...files.keys()].filter((name) => name.startsWith('schemas/'));
  expect((await readdir(schemasFolder)).map((name) => `schemas/${name}`).sort()).toEqual(schemas.sort());
  for (const [name, text] of files) expect(await readFile(new URL(name, docsFolder), 'utf8'), name).toBe(text);
});

it('the AsyncAPI document is what AsyncAPI 3.0 asks for, and refers only to what is in it', () => {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  addFormats.default(ajv);
  const isAsyncApi = ajv.compile(specs.schemasWithoutId['3.0.0']);
  expect([isAsyncApi(streamDocuments.asyncApi), isAsyncApi.errors]).toEqual([true, null]);

  const references = [...JSON.stringify(streamDocuments.asyncApi).matchAll(/"\$ref":"#\/([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(60);
  for (const [, pointer] of references) {
    const steps = pointer!.split('/');
    const found = steps.reduce<unknown>(
      (value, step) => (value as Record<string, unknown>)[step],
      streamDocuments.asyncApi,
    );
    expect(found, pointer).toBeTypeOf('object');
  }
});

it('every schema is a JSON Schema of 2020-12, and refuses what is no event', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
  ajv.addKeyword('x-extensible');
  addFormats.default(ajv);
  for (const [name, schema] of streamDocuments.schemas) {
    const isValid = ajv.compile(schema);
    expect(isValid({ specversion: '1.0', type: 'somebody.elses' }), name).toBe(false);
  }
});
