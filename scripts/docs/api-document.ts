import { analyticsPaths } from '@rushes/analytics';
import { exportsPaths } from '@rushes/exports';
import { openApiDocument, recordingsPaths } from '@rushes/recordings';

/** Where the API's description lies. */
export const apiDocumentFile = new URL('../../docs/openapi.json', import.meta.url);

/** docs/openapi.json: the OpenAPI document of every service together. */
export function apiDocumentText(): string {
  return `${JSON.stringify(openApiDocument({ ...recordingsPaths, ...exportsPaths, ...analyticsPaths }), undefined, 2)}\n`;
}
