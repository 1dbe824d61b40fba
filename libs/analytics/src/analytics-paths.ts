import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { problemResponses, recordingPathSchema, viewerSecurity } from '@rushes/platform';
import { eventCountsSchema } from './analytics.controller.ts';

export const analyticsPaths: ZodOpenApiPathsObject = {
  '/v1/recordings/{recordingId}/event-counts': {
    get: {
      operationId: 'getEventCounts',
      summary: 'How many interactive events of each type a recording has',
      description:
        'Follows the stream: a moment behind while the recording runs; nothing for a recording that is not there.',
      tags: ['Analytics'],
      security: viewerSecurity,
      requestParams: { path: recordingPathSchema },
      responses: {
        200: {
          description: 'By type, in ascending order.',
          content: { 'application/json': { schema: eventCountsSchema } },
        },
        ...problemResponses(400, 401, 403),
      },
    },
  },
};
