import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importDocumentSchema, type ImportDocument } from '@rushes/timeline';
import { ImportError } from '../import-error.ts';
import type { ImportReport } from '../import-report.ts';
import { guessDocument } from './guess-document.ts';
import { documentName, listFiles } from './list-files.ts';

/**
 * What the folder's import.json says, or, without one, what its files' names do. Files that neither tells of are noted in `report`.
 * @throws ImportError `import-json-invalid` naming every field and what was expected
 */
export async function readDocument(folder: string, report: ImportReport): Promise<ImportDocument> {
  const files = await listFiles(folder);
  const text = await readFile(join(folder, documentName), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) {
    const { document, left } = guessDocument(files);
    for (const [file, expected] of left) report.refuse(file, expected);
    return importDocumentSchema.parse(document);
  }
  const document = parseDocument(text);
  const named = new Set([...document.tracks, ...document.pages, ...document.chats].map(({ file }) => file));
  for (const file of files) if (!named.has(file)) report.ignore(file, `${documentName} does not name it`);
  return document;
}

/** @throws ImportError `import-json-invalid` */
export function parseDocument(text: string): ImportDocument {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const expected = `JSON: ${error instanceof Error ? error.message : String(error)}`;
    throw new ImportError('import-json-invalid', `${documentName}: expected ${expected}`, {
      fields: [{ field: documentName, expected }],
    });
  }
  const result = importDocumentSchema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ field: [...path, key].join('.'), expected: 'no such field' }));
    }
    return [{ field: path.join('.') || documentName, expected: issue.message }];
  });
  const lines = fields.map(({ field, expected }) => `${field}: ${expected}`);
  throw new ImportError('import-json-invalid', `${documentName}: ${lines.join('; ')}`, { fields });
}
