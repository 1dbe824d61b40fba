import { streamDocuments } from '@rushes/recordings';

/** Where the published documents lie. */
export const docsFolder = new URL('../../docs/', import.meta.url);
export const schemasFolder = new URL('schemas/', docsFolder);

/** The stream's documents by their file names under docs/: `asyncapi.json` and `schemas/<name>.json`. */
export function streamDocumentFiles(): Map<string, string> {
  const { asyncApi, schemas } = streamDocuments;
  return new Map([
    ['asyncapi.json', textOf(asyncApi)],
    ...[...schemas].map(([name, schema]): [string, string] => [`schemas/${name}.json`, textOf(schema)]),
  ]);
}

function textOf(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
