import { describe, expect, it } from 'vitest';
import { eventCatalogue } from './catalogue.ts';
import { eventJsonSchemas, manifestJsonSchema } from './json-schema.ts';

describe('the published JSON Schemas', () => {
  it('describe every event type of the catalogue with its type as a constant', () => {
    const schemas = eventJsonSchemas();
    expect(Object.keys(schemas)).toEqual(Object.keys(eventCatalogue));
    for (const [type, schema] of Object.entries(schemas)) {
      expect(schema).toMatchObject({ properties: { type: { const: type }, atms: { type: 'integer' } } });
    }
  });

  it('do not ask producers for fields that have a default', () => {
    const schema = eventJsonSchemas()['rushes.poll.opened.v2'] as { properties: { data: { required: string[] } } };
    expect(schema.properties.data.required).toEqual(['pollId', 'question', 'options']);
  });

  it('describe the manifest', () => {
    expect(manifestJsonSchema()).toMatchObject({ properties: { version: { const: 1 } } });
  });
});
