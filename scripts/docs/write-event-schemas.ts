import { mkdir, rm, writeFile } from 'node:fs/promises';
import { schemaFiles, schemasFolder } from './event-schemas.ts';

await rm(schemasFolder, { recursive: true, force: true });
await mkdir(schemasFolder, { recursive: true });
for (const [name, text] of schemaFiles()) await writeFile(new URL(name, schemasFolder), text);
