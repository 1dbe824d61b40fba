import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ObjectStore } from '@rushes/object-store';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import {
  CurrentPrincipal,
  parseInput,
  ProblemError,
  requireRecordingAccess,
  Requires,
  sendObject,
  type Principal,
} from '@rushes/platform';
import { objectCacheControl } from './object-path.ts';
import { RecordingsService } from './recordings-service.ts';
import { recordingPathSchema } from './schemas.ts';

/** The recording at rest, as a static file server would serve it: keys in the manifest are relative to its own address. */
@Controller('v1/recordings/:recordingId')
@Requires('viewer')
export class RecordingObjectsController {
  constructor(
    @Inject(ObjectStore) private readonly store: ObjectStore,
    @Inject(RecordingsService) private readonly recordings: RecordingsService,
  ) {}

  @Get('manifest.json')
  async manifest(
    @Param() params: unknown,
    @CurrentPrincipal() principal: Principal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { recordingId } = parseInput(recordingPathSchema, params, 'path');
    requireRecordingAccess(principal, recordingId);
    const key = recordingPrefix(recordingId) + objectKeys.manifest;
    if (!(await this.store.head(key))) {
      await this.recordings.get(recordingId);
      throw new ProblemError(
        404,
        'manifest-not-written',
        'Nothing of the recording is stored yet: ask again in a moment.',
      );
    }
    await sendObject(request, response, this.store, key, { contentType: 'application/json' });
  }

  @Get(['timeline/*path', 'tracks/*path', 'assets/*path'])
  async object(
    @Param() params: unknown,
    @CurrentPrincipal() principal: Principal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { recordingId } = parseInput(recordingPathSchema, params, 'path');
    requireRecordingAccess(principal, recordingId);
    const relativeKey = relativeKeyOf(request);
    const cacheControl = objectCacheControl(relativeKey);
    if (cacheControl === undefined) throw new ProblemError(404, 'object-not-found', 'There is no such object.');
    await sendObject(request, response, this.store, recordingPrefix(recordingId) + relativeKey, { cacheControl });
  }
}

/** As it stands in the address, undecoded: readable keys need no escaping, so an escape is no such object. */
function relativeKeyOf(request: Request): string {
  return request.path.split('/').slice(4).join('/');
}
