import { describe, expect, it } from 'vitest';
import { eventCatalogue } from '../events/catalogue.ts';
import { upcastData } from '../events/upcast.ts';
import { publishedEvents, publishedSchemas } from './json-schema.ts';

describe('the published JSON Schemas', () => {
  const schemas = publishedSchemas({ plugins: [], deadLetters: [] });

  it('describe every event type of the catalogue with its type as a constant', () => {
    for (const type of Object.keys(eventCatalogue)) {
      expect(schemas.get(type), type).toMatchObject({
        properties: { type: { const: type }, atms: { type: 'integer' } },
      });
    }
  });

  it('do not ask producers for fields that have a default', () => {
    expect(schemas.get('rushes.poll.opened.v2')).toMatchObject({
      properties: { data: { required: ['pollId', 'question', 'options'] } },
    });
  });

  it('ask for the data or for all that says where it lies', () => {
    expect(schemas.get('rushes.hand.raised.v1')).toMatchObject({
      anyOf: [{ required: ['data'] }, { required: ['dataref', 'datasizebytes', 'datasha256'] }],
    });
  });

  it('keep earlier versions, marked as such, each with an upcaster', () => {
    const earlier = publishedEvents([]).filter((event) => event.isEarlier);
    expect(earlier.map(({ type }) => type)).toContain('rushes.poll.opened.v1');
    for (const { type } of earlier) {
      expect(schemas.get(type)).toMatchObject({ deprecated: true });
      expect(upcastData(type, { options: [] }).type).not.toBe(type);
    }
  });

  it('describe the manifest, dead letters and plugins that the reader does not know', () => {
    expect(schemas.get('manifest')).toMatchObject({ properties: { version: { const: 1 } } });
    expect(schemas.get('rushes.dead-letter.noted.v1')).toMatchObject({ properties: { data: { type: 'object' } } });
    expect(schemas.get('plugin-event')).toMatchObject({ properties: { type: { type: 'string' } } });
  });
});
