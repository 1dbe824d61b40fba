import { eventJsonSchemas, manifestJsonSchema } from '@rushes/timeline';
import { whiteboardPlugin } from '@rushes/whiteboard';

/** Where the published schemas lie. */
export const schemasFolder = new URL('../../docs/schemas/', import.meta.url);

/** The JSON Schema documents under docs/schemas, by file name. */
export function schemaFiles(): Map<string, string> {
  const files = new Map<string, unknown>([['manifest.json', manifestJsonSchema()]]);
  for (const [type, schema] of Object.entries(eventJsonSchemas([whiteboardPlugin]))) {
    files.set(`${type}.json`, schema);
  }
  return new Map([...files].map(([name, schema]) => [name, `${JSON.stringify(schema, undefined, 2)}\n`]));
}
