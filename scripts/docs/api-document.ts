import { analyticsPaths } from '@rushes/analytics';
import { exportsPaths } from '@rushes/exports';
import { importsPaths } from '@rushes/imports';
import { rtpTracksPaths } from '@rushes/recorder';
import { openApiDocument, recordingsPaths, streamDocumentsPaths } from '@rushes/recordings';

/** Where the API's description lies. */
export const apiDocumentFile = new URL('../../docs/openapi.json', import.meta.url);

/** docs/openapi.json: the OpenAPI document of every service together. */
export function apiDocumentText(): string {
  const paths = {
    ...recordingsPaths,
    ...streamDocumentsPaths,
    ...exportsPaths,
    ...importsPaths,
    ...analyticsPaths,
    ...rtpTracksPaths,
  };
  return `${JSON.stringify(openApiDocument(paths), undefined, 2)}\n`;
}
