import { writeFile } from 'node:fs/promises';
import { apiDocumentFile, apiDocumentText } from './api-document.ts';

await writeFile(apiDocumentFile, apiDocumentText());
