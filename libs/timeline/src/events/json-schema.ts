import { z } from 'zod';
import type { TimelinePlugin } from '../plugin.ts';
import { manifestSchema } from '../manifest/manifest.ts';
import { eventCatalogue } from './catalogue.ts';
import { envelopeAttributesSchema } from './envelope.ts';

export type JsonSchema = Record<string, unknown>;

/** JSON Schema (2020-12) of the whole envelope of each event type, by type; plugins' types included. */
export function eventJsonSchemas(plugins: readonly TimelinePlugin[] = []): Record<string, JsonSchema> {
  const schemas: Record<string, JsonSchema> = {};
  for (const [type, data] of Object.entries(eventCatalogue)) schemas[type] = eventSchema(type, data);
  for (const plugin of plugins) {
    for (const [event, data] of Object.entries(plugin.events)) {
      const type = `rushes.plugin.${plugin.id}.${event}`;
      schemas[type] = eventSchema(type, data);
    }
  }
  return schemas;
}

export function manifestJsonSchema(): JsonSchema {
  return z.toJSONSchema(manifestSchema);
}

function eventSchema(type: string, data: z.ZodType): JsonSchema {
  // `input`: what a producer writes, so fields with defaults are optional.
  const schema = envelopeAttributesSchema.extend({ type: z.literal(type), data: data.optional() });
  return {
    ...z.toJSONSchema(schema, { io: 'input' }),
    anyOf: [{ required: ['data'] }, { required: ['dataref', 'datasizebytes', 'datasha256'] }],
  };
}
