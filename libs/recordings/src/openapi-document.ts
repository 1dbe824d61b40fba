import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';

/** The OpenAPI 3.1 document of the given paths, in the order of their names. */
export function openApiDocument(paths: ZodOpenApiPathsObject): ReturnType<typeof createDocument> {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Rushes',
      version: '1',
      description:
        'Meeting recordings as raw tracks and an event timeline. Errors are problem documents (RFC 9457) that name the ' +
        'field and what was expected. Every answer carries `x-request-id`; a caller may send its own.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [
      { name: 'Recordings' },
      { name: 'Replay' },
      { name: 'Exports' },
      { name: 'Imports' },
      { name: 'Tokens' },
      { name: 'Analytics' },
      { name: 'Stream' },
    ],
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'Shown once, at the first start. Good for everything.' },
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From POST /v1/tokens.' },
        tokenInAddress: {
          type: 'apiKey',
          in: 'query',
          name: 'token',
          description: 'A token, where no header can be sent.',
        },
      },
    },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
  });
}
