import { z } from 'zod';
import { eventCatalogue } from '../events/catalogue.ts';
import { earlierDeadLetterSchema } from '../events/dead-letter.ts';
import { earlierVersions } from '../events/earlier-versions.ts';
import { envelopeAttributesSchema } from '../events/envelope.ts';
import { eventDescriptions } from '../events/event-descriptions.ts';
import { importDocumentSchema } from '../import/import-document.ts';
import { manifestSchema } from '../manifest/manifest.ts';
import type { TimelinePlugin } from '../plugin.ts';

export type JsonSchema = Record<string, unknown>;

/** One type of event as it is published. */
export type PublishedEvent = {
  type: string;
  description: string;
  /** Of `data`. */
  schema: z.ZodType;
  /** Nobody writes it any more; it may still be read. */
  isEarlier: boolean;
};

export type PublishedParts = {
  /** Those whose events are described one by one. */
  plugins: readonly TimelinePlugin[];
  /** What the event log writes into the topic of dead letters. */
  deadLetters: readonly PublishedEvent[];
};

/** Every type that may stand in the topics of events, those of the plugins included; not the dead letters. */
export function publishedEvents(plugins: readonly TimelinePlugin[]): PublishedEvent[] {
  const current = Object.entries(eventCatalogue).map(([type, schema]) => ({
    type,
    description: eventDescriptions[type as keyof typeof eventCatalogue],
    schema,
    isEarlier: false,
  }));
  const earlier = Object.entries(earlierVersions).map(([type, schema]) => ({
    type,
    description: 'An earlier version: read it, do not write it.',
    schema,
    isEarlier: true,
  }));
  const ofPlugins = plugins.flatMap((plugin) =>
    Object.entries(plugin.events).map(([event, schema]) => ({
      type: `rushes.plugin.${plugin.id}.${event}`,
      description: `${event} of the plugin ${plugin.id}.`,
      schema,
      isEarlier: false,
    })),
  );
  return [...current, ...earlier, ...ofPlugins];
}

/** Every type that may stand in the topic of dead letters: `current` as the event log writes them, and the earlier one. */
export function publishedDeadLetters(current: readonly PublishedEvent[]): PublishedEvent[] {
  const earlier = {
    type: 'rushes.dead-letter.noted.v1',
    description: 'An earlier version: read it, do not write it.',
    schema: earlierDeadLetterSchema,
    isEarlier: true,
  };
  return [...current, earlier];
}

/** The JSON Schema documents (2020-12) by name: one for each event type's whole envelope, `plugin-event`, `manifest` and `import`. */
export function publishedSchemas({ plugins, deadLetters }: PublishedParts): Map<string, JsonSchema> {
  const events = [...publishedEvents(plugins), ...publishedDeadLetters(deadLetters)];
  return new Map([
    ...events.map((event): [string, JsonSchema] => [event.type, eventJsonSchema(event)]),
    ['plugin-event', pluginEventJsonSchema()],
    ['manifest', z.toJSONSchema(manifestSchema)],
    ['import', { title: 'import.json', ...toJsonSchema(importDocumentSchema) }],
  ]);
}

/** Either the data, or where it lies. */
export const dataOrClaim = [{ required: ['data'] }, { required: ['dataref', 'datasizebytes', 'datasha256'] }];

function eventJsonSchema({ type, description, schema, isEarlier }: PublishedEvent): JsonSchema {
  const { $schema, ...rest } = toJsonSchema(
    envelopeAttributesSchema.extend({ type: z.literal(type), data: schema.optional() }),
  );
  return {
    $schema,
    title: type,
    description,
    ...(isEarlier ? { deprecated: true } : {}),
    ...rest,
    anyOf: dataOrClaim,
  };
}

/** Any event of a plugin that the reader does not know. */
function pluginEventJsonSchema(): JsonSchema {
  const type = z.string().regex(/^rushes\.plugin\.[a-z0-9-]+\.[a-z0-9-]+\.v[1-9]\d*$/);
  const { $schema, ...rest } = toJsonSchema(envelopeAttributesSchema.extend({ type, data: z.unknown().optional() }));
  const description = 'Any event of a plugin: rushes.plugin.<id>.<event>.v<n>. The plugin says what is in data.';
  return { $schema, title: 'rushes.plugin', description, ...rest, anyOf: dataOrClaim };
}

/** `input`: what a producer writes, so fields with defaults are optional. `options` are those of `z.toJSONSchema`. */
export function toJsonSchema(schema: z.ZodType, options: { target?: 'draft-7' } = {}): JsonSchema {
  return z.toJSONSchema(schema, {
    ...options,
    io: 'input',
    override({ jsonSchema }) {
      // No format that JSON Schema knows: strict validators refuse it. The pattern and `contentEncoding` say the same.
      if (jsonSchema.format === 'base64') delete jsonSchema.format;
    },
  });
}
