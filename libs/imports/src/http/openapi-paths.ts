import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { apiKeySecurity, problemResponses, recordingPathSchema } from '@rushes/platform';
import { importStateSchema } from '../import-state.ts';

const state = (description: string) => ({
  description,
  content: { 'application/json': { schema: importStateSchema } },
});
const common = { tags: ['Imports'], security: apiKeySecurity };

/** The paths of this module, from the schemas that check their requests. */
export const importsPaths: ZodOpenApiPathsObject = {
  '/v1/imports': {
    post: {
      ...common,
      operationId: 'createImport',
      summary: 'Make a recording of files that were recorded elsewhere',
      description:
        'Every part is a file; its `filename` is its name, with `/` between folders. One of them may be `import.json` ' +
        '(/v1/schemas/import.json), which says what the others are; docs/import.md describes it. Files are written as they come.',
      requestBody: {
        required: true,
        content: { 'multipart/form-data': { schema: z.object({}).catchall(z.string().meta({ format: 'binary' })) } },
      },
      responses: {
        201: state('It is over: done, with what became of each file.'),
        202: state('It takes longer: ask at the address in `Location`.'),
        ...problemResponses(400, 401, 403, 422),
        413: { description: 'More than RUSHES_IMPORT_LIMIT_BYTES.' },
        415: { description: 'The body is no multipart/form-data.' },
      },
    },
  },
  '/v1/imports/{recordingId}': {
    get: {
      ...common,
      operationId: 'getImport',
      summary: 'What became of an import, file by file',
      requestParams: { path: recordingPathSchema },
      responses: { 200: state('The import.'), ...problemResponses(400, 401, 403, 404) },
    },
  },
};
