import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import {
  objectHeadersSchema,
  objectResponses,
  problemResponses,
  recordingPathSchema,
  viewerSecurity,
} from '@rushes/platform';
import { createExportSchema, exportListSchema, exportPathSchema, exportSchema } from '../schemas.ts';

const json = <S extends z.ZodType>(schema: S) => ({ 'application/json': { schema } });
const theExport = { description: 'The export.', content: json(exportSchema) };
const common = { tags: ['Exports'], security: viewerSecurity };

/** The paths of this module, from the schemas that check their requests. */
export const exportsPaths: ZodOpenApiPathsObject = {
  '/v1/recordings/{recordingId}/exports': {
    post: {
      ...common,
      operationId: 'createExport',
      summary: 'Have an MP4 made of a recording that is ready',
      requestParams: { path: recordingPathSchema },
      requestBody: { required: true, content: json(createExportSchema) },
      responses: {
        201: theExport,
        ...problemResponses(400, 401, 403, 404, 409),
        422: { description: 'The recording cannot give what is asked.' },
      },
    },
    get: {
      ...common,
      operationId: 'listExports',
      summary: "List a recording's exports, the newest first",
      requestParams: { path: recordingPathSchema },
      responses: {
        200: { description: 'The exports.', content: json(exportListSchema) },
        ...problemResponses(400, 401, 403, 404),
      },
    },
  },
  '/v1/exports/{exportId}': {
    get: {
      ...common,
      operationId: 'getExport',
      summary: 'Get an export',
      requestParams: { path: exportPathSchema },
      responses: { 200: theExport, ...problemResponses(400, 401, 403, 404) },
    },
    delete: {
      ...common,
      operationId: 'cancelExport',
      summary: 'Cancel an export that waits or runs',
      requestParams: { path: exportPathSchema },
      responses: { 200: theExport, ...problemResponses(400, 401, 403, 404, 409) },
    },
  },
  '/v1/exports/{exportId}/events': {
    get: {
      ...common,
      operationId: 'watchExport',
      summary: "Watch an export's progress",
      description:
        'Server-sent events: each message is the export as JSON, the first at once; the stream ends after a final state.',
      requestParams: { path: exportPathSchema },
      responses: {
        200: { description: 'Events.', content: { 'text/event-stream': {} } },
        ...problemResponses(400, 401, 403, 404),
      },
    },
  },
  '/v1/exports/{exportId}/file': {
    get: {
      ...common,
      operationId: 'getExportFile',
      summary: "Get an export's MP4",
      requestParams: {
        path: exportPathSchema,
        query: z.object({ download: z.string().optional().meta({ description: 'Present: browsers save the file.' }) }),
        header: objectHeadersSchema,
      },
      responses: objectResponses('video/mp4', 400, 409),
    },
  },
};
