import { streamDocuments } from '@rushes/recordings';
import { streamVersion } from '@rushes/timeline';
import { committedSchemas } from './committed-schemas.ts';
import { compareDocuments } from './compare-documents.ts';

/** What readers of any committed version of the schemas would break on, a sentence each; none when all is well. */
export function checkCompatibility(): string[] {
  const major = streamVersion.split('.')[0]!;
  const findings = committedSchemas(major).flatMap(({ name, schema }) =>
    compareDocuments(new Map([[name, schema]]), streamDocuments.schemas),
  );
  return [...new Set(findings)];
}
