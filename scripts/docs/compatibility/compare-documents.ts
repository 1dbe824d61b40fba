import { compareSchemas, type JsonSchema } from './compare-schemas.ts';

export type NamedSchemas = ReadonlyMap<string, JsonSchema>;

/** What readers of `published` would break on if `current` took its place: a sentence each, naming type and field, and what to do. */
export function compareDocuments(published: NamedSchemas, current: NamedSchemas): string[] {
  return [...published].flatMap(([name, before]) => {
    const after = current.get(name);
    if (!after) {
      return [
        `${name}: the schema is gone, and stored events of the type must stay readable. Keep it: move it to ` +
          'libs/timeline/src/events/earlier-versions.ts, with an upcaster in upcast.ts.',
      ];
    }
    return compareSchemas(before, after).map(
      ({ path, problem }) => `${name} ${path === '' ? '(the event)' : path}: ${problem}. ${remedyFor(name)}`,
    );
  });
}

function remedyFor(name: string): string {
  const match = /^(rushes\..+\.v)(\d+)$/.exec(name);
  if (!match) return 'Add an optional field instead, or raise its version and read both.';
  const next = `${match[1]}${Number(match[2]) + 1}`;
  return (
    `Leave ${name} as it was, in libs/timeline/src/events/earlier-versions.ts, put ${next} into the catalogue, and an upcaster ` +
    'between them into upcast.ts.'
  );
}
