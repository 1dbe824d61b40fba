import { apiKeySecurity, problemResponses } from '@rushes/platform';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { openRtpTrackSchema, rtpTrackPathSchema, rtpTrackSchema } from './rtp-track-schemas.ts';

/** The recorders' part of the API. */
export const rtpTracksPaths: ZodOpenApiPathsObject = {
  '/v1/tracks/rtp': {
    post: {
      operationId: 'openRtpTrack',
      summary: 'Open a port for a track that a host elsewhere sends as plain RTP',
      description:
        'Of a meeting that is held elsewhere. Sender reports are taken as they come: those of a mediasoup PlainTransport or PipeTransport tell ' +
        'the sending host’s clock, not the browser’s.',
      tags: ['Tracks'],
      security: apiKeySecurity,
      requestBody: { required: true, content: { 'application/json': { schema: openRtpTrackSchema } } },
      responses: {
        201: {
          description: 'Where to send it. The track runs.',
          content: { 'application/json': { schema: rtpTrackSchema } },
        },
        ...problemResponses(400, 401, 403, 404, 409),
      },
    },
  },
  '/v1/tracks/rtp/{recordingId}/{trackId}': {
    delete: {
      operationId: 'endRtpTrack',
      summary: 'End a track that comes as plain RTP',
      description:
        'At the recorder that has it: `endUrl` of the answer. It also ends with its recording, and when it falls silent.',
      tags: ['Tracks'],
      security: apiKeySecurity,
      requestParams: { path: rtpTrackPathSchema },
      responses: { 204: { description: 'Ended.' }, ...problemResponses(400, 401, 403, 404) },
    },
  },
};
