import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ObjectStore } from '@rushes/object-store';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import {
  CONFIG,
  CurrentPrincipal,
  ProblemError,
  recordingInPath,
  Requires,
  sendObject,
  type Config,
  type Principal,
} from '@rushes/platform';
import { isMediaFile, objectCacheControl } from './object-path.ts';
import { RecordingsService } from './recordings-service.ts';

/** How long the object store's own URL of a track is good: a media element keeps it for as long as it plays. */
const trackUrlSeconds = 6 * 3600;

/** The recording at rest, as a static file server would serve it: keys in the manifest are relative to its own address. */
@Controller('v1/recordings/:recordingId')
@Requires('viewer')
export class RecordingObjectsController {
  constructor(
    @Inject(ObjectStore) private readonly store: ObjectStore,
    @Inject(RecordingsService) private readonly recordings: RecordingsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('manifest.json')
  async manifest(
    @Param() params: unknown,
    @CurrentPrincipal() principal: Principal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const recordingId = recordingInPath(params, principal);
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
    const recordingId = recordingInPath(params, principal);
    const relativeKey = relativeKeyOf(request);
    const cacheControl = objectCacheControl(relativeKey);
    if (cacheControl === undefined) throw new ProblemError(404, 'object-not-found', 'There is no such object.');
    await sendObject(request, response, this.store, recordingPrefix(recordingId) + relativeKey, {
      cacheControl,
      redirectSeconds: this.config.isDownloadRedirected && isMediaFile(relativeKey) ? trackUrlSeconds : undefined,
    });
  }
}

/** As it stands in the address, undecoded: readable keys need no escaping, so an escape is no such object. */
function relativeKeyOf(request: Request): string {
  return request.path.split('/').slice(4).join('/');
}
