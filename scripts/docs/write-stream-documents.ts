import { mkdir, rm, writeFile } from 'node:fs/promises';
import { checkCompatibility } from './compatibility/check-compatibility.ts';
import { missingHistory } from './compatibility/committed-schemas.ts';
import { docsFolder, schemasFolder, streamDocumentFiles } from './stream-documents.ts';

const missing = missingHistory();
if (missing) process.stderr.write(`Schemas were not compared with every committed version: ${missing}\n`);
const findings = checkCompatibility();
if (findings.length > 0) {
  process.stderr.write(`Nothing was written, since readers of the stream would break:\n\n${findings.join('\n')}\n`);
  process.exit(1);
}
await rm(schemasFolder, { recursive: true, force: true });
await mkdir(schemasFolder, { recursive: true });
for (const [name, text] of streamDocumentFiles()) await writeFile(new URL(name, docsFolder), text);
