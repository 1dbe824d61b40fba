import type { z } from 'zod';
import { TimelineError } from '../errors.ts';
import { parsePluginType, type TimelinePlugin } from '../plugin.ts';
import { eventCatalogue } from './catalogue.ts';
import { envelopeSchema, type EventEnvelope } from './envelope.ts';
import type { TimelineEvent } from './timeline-event.ts';
import { upcastData } from './upcast.ts';

/** Largest `data` of a plugin whose schema this process does not know, in characters of JSON. */
const maxUnknownPluginData = 64 * 1024;

/** `data` of each event, checked against the catalogue, the given plugins, and older versions brought up to date. */
export type EventParser = {
  /**
   * @throws TimelineError `event-unknown` for a type outside the catalogue, `event-invalid` naming the field and
   * what was expected.
   */
  parse(event: { type: string; atMs: number; participantId?: string | undefined; data: unknown }): TimelineEvent;
};

/**
 * Makes a parser that knows the catalogue and `plugins`. Events of a plugin it does not know pass when their data is
 * JSON of at most 64 K characters: they are kept for those who know the plugin.
 */
export function createEventParser(plugins: readonly TimelinePlugin[] = []): EventParser {
  const pluginSchemas = new Map(plugins.map((plugin) => [plugin.id, plugin.events]));
  return {
    parse(event) {
      const { type, data } = upcastData(event.type, event.data);
      const parsed = parseData(type, data, pluginSchemas);
      return {
        type,
        atMs: event.atMs,
        ...(event.participantId === undefined ? {} : { participantId: event.participantId }),
        data: parsed,
      } as TimelineEvent;
    },
  };
}

function parseData(
  type: string,
  data: unknown,
  pluginSchemas: ReadonlyMap<string, Readonly<Record<string, z.ZodType>>>,
): unknown {
  const catalogueSchema = Object.hasOwn(eventCatalogue, type)
    ? eventCatalogue[type as keyof typeof eventCatalogue]
    : undefined;
  if (catalogueSchema) return checked(type, catalogueSchema, data);

  const plugin = parsePluginType(type);
  if (!plugin) throw new TimelineError('event-unknown', `type: "${type}" is not in the catalogue`);
  const schemas = pluginSchemas.get(plugin.pluginId);
  if (!schemas) {
    const size = JSON.stringify(data ?? null).length;
    if (size > maxUnknownPluginData) {
      throw new TimelineError('event-invalid', `${type} data: expected at most ${maxUnknownPluginData} characters`);
    }
    return data;
  }
  const schema = schemas[plugin.event];
  if (!schema) throw new TimelineError('event-unknown', `type: plugin "${plugin.pluginId}" has no ${plugin.event}`);
  return checked(type, schema, data);
}

function checked(type: string, schema: z.ZodType, data: unknown): unknown {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  throw new TimelineError('event-invalid', `${type} ${describeIssues('data', result.error)}`);
}

/** `data.options.0.text: expected string`: each issue with the path of the field, joined by `; `. */
export function describeIssues(root: string, error: z.ZodError): string {
  return error.issues.map((issue) => `${[root, ...issue.path.map(String)].join('.')}: ${issue.message}`).join('; ');
}

/** @throws TimelineError `event-invalid` when `value` is no envelope. */
export function parseEnvelope(value: unknown): EventEnvelope {
  const result = envelopeSchema.safeParse(value);
  if (!result.success) throw new TimelineError('event-invalid', describeIssues('event', result.error));
  return result.data;
}
