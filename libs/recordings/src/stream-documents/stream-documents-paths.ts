import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { problemResponses } from '@rushes/platform';

const json = <S extends z.ZodType>(schema: S) => ({ 'application/json': { schema } });
const anyDocument = z.record(z.string(), z.unknown());
const schemaListSchema = z.object({ schemas: z.array(z.object({ name: z.string(), url: z.url() })) });

/** The paths that describe the event stream. */
export const streamDocumentsPaths: ZodOpenApiPathsObject = {
  '/asyncapi.json': {
    get: {
      operationId: 'getAsyncApi',
      summary: 'The event stream on Kafka, as an AsyncAPI 3 document',
      tags: ['Stream'],
      responses: { 200: { description: 'The document.', content: json(anyDocument) } },
    },
  },
  '/v1/schemas': {
    get: {
      operationId: 'listSchemas',
      summary: 'The JSON Schemas of the events and of the manifest',
      tags: ['Stream'],
      responses: { 200: { description: 'Their names and addresses.', content: json(schemaListSchema) } },
    },
  },
  '/v1/schemas/{file}': {
    get: {
      operationId: 'getSchema',
      summary: 'One JSON Schema (2020-12): of a whole event, by its type, or of the manifest',
      tags: ['Stream'],
      requestParams: { path: z.object({ file: z.string().meta({ example: 'rushes.chat.message-sent.v1.json' }) }) },
      responses: {
        200: { description: 'The schema.', content: { 'application/schema+json': { schema: anyDocument } } },
        ...problemResponses(404),
      },
    },
  },
};
