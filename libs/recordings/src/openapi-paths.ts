import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { manifestSchema } from '@rushes/timeline';
import {
  apiKeySecurity,
  objectHeadersSchema,
  objectResponses,
  problemResponses,
  recordingPathSchema,
  viewerSecurity,
} from '@rushes/platform';
import {
  listQuerySchema,
  presencePathSchema,
  presenceSchema,
  recordingListSchema,
  recordingSchema,
  startRecordingSchema,
  tokenAnswerSchema,
  tokenRequestSchema,
} from './schemas.ts';

const json = <S extends z.ZodType>(schema: S) => ({ 'application/json': { schema } });
const recording = { description: 'The recording.', content: json(recordingSchema) };

function objectOperation(operationId: string, summary: string, pathSchema: z.ZodObject): ZodOpenApiOperationObject {
  return {
    operationId,
    summary,
    tags: ['Replay'],
    security: viewerSecurity,
    requestParams: {
      path: pathSchema,
      header: objectHeadersSchema,
    },
    responses: objectResponses('application/octet-stream'),
  };
}

/** The paths of this module, from the schemas that check their requests. */
export const recordingsPaths: ZodOpenApiPathsObject = {
  '/v1/recordings': {
    post: {
      operationId: 'startRecording',
      summary: 'Start recording a room',
      tags: ['Recordings'],
      security: apiKeySecurity,
      requestBody: { required: true, content: json(startRecordingSchema) },
      responses: { 201: recording, ...problemResponses(400, 401, 403, 404, 409) },
    },
    get: {
      operationId: 'listRecordings',
      summary: 'List recordings, the newest first',
      description: 'With a viewer token for one recording, the list holds that one only.',
      tags: ['Recordings'],
      security: viewerSecurity,
      requestParams: { query: listQuerySchema },
      responses: {
        200: { description: 'One page.', content: json(recordingListSchema) },
        ...problemResponses(400, 401, 403),
      },
    },
  },
  '/v1/recordings/{recordingId}': {
    get: {
      operationId: 'getRecording',
      summary: 'Get a recording',
      tags: ['Recordings'],
      security: viewerSecurity,
      requestParams: { path: recordingPathSchema },
      responses: { 200: recording, ...problemResponses(400, 401, 403, 404) },
    },
    delete: {
      operationId: 'deleteRecording',
      summary: 'Delete a recording with all its tracks, events and exports',
      description: 'One that still runs is refused: stop it first. Exports of it that wait or run are cancelled.',
      tags: ['Recordings'],
      security: apiKeySecurity,
      requestParams: { path: recordingPathSchema },
      responses: { 204: { description: 'Gone.' }, ...problemResponses(400, 401, 403, 404, 409) },
    },
  },
  '/v1/recordings/{recordingId}/stop': {
    post: {
      operationId: 'stopRecording',
      summary: 'Stop a recording',
      description: 'One that has ended stays as it is.',
      tags: ['Recordings'],
      security: apiKeySecurity,
      requestParams: { path: recordingPathSchema },
      responses: { 200: recording, ...problemResponses(400, 401, 403, 404) },
    },
  },
  '/v1/recordings/{recordingId}/participants/{participantId}/presences/{presenceId}': {
    put: {
      operationId: 'beginPresence',
      summary: 'Say that somebody came into a meeting that is held elsewhere',
      description: 'For recordings that were started with `external`. Said again, it changes nothing.',
      tags: ['Recordings'],
      security: apiKeySecurity,
      requestParams: { path: presencePathSchema },
      requestBody: { required: true, content: json(presenceSchema) },
      responses: { 204: { description: 'Recorded.' }, ...problemResponses(400, 401, 403, 404, 409) },
    },
    delete: {
      operationId: 'endPresence',
      summary: 'Say that they went out',
      tags: ['Recordings'],
      security: apiKeySecurity,
      requestParams: { path: presencePathSchema },
      responses: { 204: { description: 'Recorded.' }, ...problemResponses(400, 401, 403, 404, 409) },
    },
  },
  '/v1/recordings/{recordingId}/manifest.json': {
    get: {
      operationId: 'getManifest',
      summary: 'What the recording consists of; keys are relative to this address',
      tags: ['Replay'],
      security: viewerSecurity,
      requestParams: { path: recordingPathSchema },
      responses: {
        200: { description: 'The manifest.', content: json(manifestSchema.meta({ id: 'Manifest' })) },
        304: { description: 'Unchanged.' },
        ...problemResponses(400, 401, 403, 404),
      },
    },
  },
  '/v1/recordings/{recordingId}/timeline/{path}': {
    get: objectOperation('getTimelineObject', 'A chunk of the timeline', withPath('events/0000000000.ndjson.gz')),
  },
  '/v1/recordings/{recordingId}/tracks/{path}': {
    get: objectOperation('getTrackObject', 'A track’s file, or its raw packets', withPath('t1/media.webm')),
  },
  '/v1/recordings/{recordingId}/assets/{path}': {
    get: objectOperation('getAsset', 'Something that the recorded pages refer to', withPath('<sha256>')),
  },
  '/v1/tokens': {
    post: {
      operationId: 'issueToken',
      summary: 'Make a short-lived token for a page',
      tags: ['Tokens'],
      security: apiKeySecurity,
      requestBody: { required: true, content: json(tokenRequestSchema) },
      responses: {
        201: { description: 'The token.', content: json(tokenAnswerSchema) },
        ...problemResponses(400, 401, 403, 404, 409),
      },
    },
  },
};

function withPath(example: string): z.ZodObject {
  return recordingPathSchema.extend({ path: z.string().meta({ description: 'May hold slashes.', example }) });
}
