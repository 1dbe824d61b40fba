import { isDeepStrictEqual } from 'node:util';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** One thing in a published schema that may not change. `path`: the field, for example `data.options[].text`. */
export type Finding = { path: string; problem: string };

/** Say nothing about which values are valid: `format` neither, in 2020-12; what it means stands in `pattern` too. */
const annotations = new Set(['$schema', 'title', 'description', 'deprecated', 'examples', 'format']);
/** Compared by their parts. */
const structural = new Set(['properties', 'required', 'items', 'prefixItems', 'additionalProperties', 'enum']);
const alternatives = new Set(['anyOf', 'oneOf', 'allOf']);

/**
 * What makes `after` no mere growth of `before`. Compatible both ways: new readers accept every stored event, and old readers
 * every new one. So fields may be added, optional ones, and nothing else may change but texts; an enum marked `x-extensible` may get values.
 */
export function compareSchemas(before: JsonSchema, after: JsonSchema, path = ''): Finding[] {
  return [
    ...compareKeywords(before, after, path),
    ...compareEnum(before, after, path),
    ...compareProperties(before, after, path),
    ...compareParts(before, after, path),
  ];
}

function compareKeywords(before: JsonSchema, after: JsonSchema, path: string): Finding[] {
  return keysOf(before, after)
    .filter((key) => !annotations.has(key) && !structural.has(key) && !alternatives.has(key))
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .map((key) => ({ path, problem: `${key} was ${show(before[key])} and is now ${show(after[key])}` }));
}

function compareEnum(before: JsonSchema, after: JsonSchema, path: string): Finding[] {
  if (before.enum === undefined && after.enum === undefined) return [];
  if (!Array.isArray(before.enum) || !Array.isArray(after.enum)) {
    return [{ path, problem: `enum was ${show(before.enum)} and is now ${show(after.enum)}` }];
  }
  const [old, current]: [unknown[], unknown[]] = [before.enum, after.enum];
  const gone = old.filter((value) => !current.includes(value));
  const added = before['x-extensible'] === true ? [] : current.filter((value) => !old.includes(value));
  return [
    ...gone.map((value) => ({ path, problem: `the value ${show(value)} is gone, and stored events have it` })),
    ...added.map((value) => ({
      path,
      problem: `the value ${show(value)} is new, and readers do not expect further values (the field is not x-extensible)`,
    })),
  ];
}

function compareProperties(before: JsonSchema, after: JsonSchema, path: string): Finding[] {
  const old = record(before.properties);
  const current = record(after.properties);
  const [wasRequired, isRequired] = [texts(before.required), texts(after.required)];
  const findings: Finding[] = [];
  for (const [name, schema] of Object.entries(old)) {
    const field = path === '' ? name : `${path}.${name}`;
    if (current[name] === undefined) findings.push({ path: field, problem: 'the field is gone, and readers use it' });
    else findings.push(...compareSchemas(record(schema), record(current[name]), field));
  }
  for (const name of isRequired) {
    if (wasRequired.includes(name)) continue;
    const problem = old[name] === undefined ? 'is new and required' : 'has become required';
    findings.push({
      path: path === '' ? name : `${path}.${name}`,
      problem: `the field ${problem}, and stored events lack it`,
    });
  }
  for (const name of wasRequired) {
    if (isRequired.includes(name) || current[name] === undefined) continue;
    const problem = 'the field is no longer required, and readers count on it';
    findings.push({ path: path === '' ? name : `${path}.${name}`, problem });
  }
  return findings;
}

function compareParts(before: JsonSchema, after: JsonSchema, path: string): Finding[] {
  const single = (['items', 'additionalProperties'] as const).flatMap((key) => {
    if (isDeepStrictEqual(before[key], after[key])) return [];
    if (!isRecord(before[key]) || !isRecord(after[key])) {
      return [{ path, problem: `${key} was ${show(before[key])} and is now ${show(after[key])}` }];
    }
    return compareSchemas(before[key], after[key], key === 'items' ? `${path}[]` : `${path}.*`);
  });
  const several = [...alternatives, 'prefixItems'].flatMap((key) => {
    const [old, current] = [list(before[key]), list(after[key])];
    if (old.length !== current.length)
      return [{ path, problem: `${key} had ${old.length} parts and has ${current.length}` }];
    return old.flatMap((schema, index) => compareSchemas(schema, current[index]!, path));
  });
  return [...single, ...several];
}

function keysOf(...schemas: readonly JsonSchema[]): string[] {
  return [...new Set(schemas.flatMap((schema) => Object.keys(schema)))];
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown): JsonSchema {
  return isRecord(value) ? value : {};
}

function list(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
