import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ObjectStore } from '@rushes/object-store';
import {
  addToContext,
  CONFIG,
  CurrentPrincipal,
  HealthRegistry,
  parseInput,
  ProblemError,
  recordingInPath,
  requireRecordingAccess,
  Requires,
  sendObject,
  type Config,
  type Principal,
} from '@rushes/platform';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import { ExportStore } from '../export-store.ts';
import { ExportsService } from '../exports-service.ts';
import { createExportSchema, exportPathSchema } from '../schemas.ts';
import type { Export, ExportList } from '../schemas.ts';
import { sendExportEvents } from './export-events.ts';

/** How long the object store's own URL of a file is good; downloads that have begun go on. */
const fileUrlSeconds = 15 * 60;

@Controller('v1')
export class ExportsController {
  constructor(
    @Inject(ExportsService) private readonly exports: ExportsService,
    @Inject(ExportStore) private readonly store: ExportStore,
    @Inject(ObjectStore) private readonly objects: ObjectStore,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('recordings/:recordingId/exports')
  @Requires('viewer')
  async create(
    @Param() params: unknown,
    @Body() body: unknown,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Export> {
    const recordingId = recordingInPath(params, principal, 'export');
    const made = await this.exports.create(recordingId, parseInput(createExportSchema, body, 'body'));
    response.location(`/v1/exports/${made.exportId}`);
    return made;
  }

  @Get('recordings/:recordingId/exports')
  @Requires('viewer')
  async list(@Param() params: unknown, @CurrentPrincipal() principal: Principal): Promise<ExportList> {
    return { exports: await this.exports.list(recordingInPath(params, principal)) };
  }

  @Get('exports/:exportId')
  @Requires('viewer')
  get(@Param() params: unknown, @CurrentPrincipal() principal: Principal): Promise<Export> {
    return this.allowed(params, principal, 'view');
  }

  @Delete('exports/:exportId')
  @HttpCode(200)
  @Requires('viewer')
  async cancel(@Param() params: unknown, @CurrentPrincipal() principal: Principal): Promise<Export> {
    const { exportId } = await this.allowed(params, principal, 'export');
    return this.exports.cancel(exportId);
  }

  @Get('exports/:exportId/events')
  @Requires('viewer')
  async events(
    @Param() params: unknown,
    @CurrentPrincipal() principal: Principal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { exportId } = await this.allowed(params, principal, 'view');
    await sendExportEvents(request, response, {
      read: () => this.store.find(exportId),
      ending: this.health.draining,
    });
  }

  @Get('exports/:exportId/file')
  @Requires('viewer')
  async file(
    @Param() params: unknown,
    @CurrentPrincipal() principal: Principal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { exportId, recordingId, status } = await this.allowed(params, principal, 'export');
    if (status !== 'done') throw new ProblemError(409, 'export-not-done', `The export is ${status}: it has no file.`);
    const key = recordingPrefix(recordingId) + objectKeys.exportFile(exportId, 'recording.mp4');
    const downloadName = request.query['download'] === undefined ? undefined : `recording-${recordingId}.mp4`;
    await sendObject(request, response, this.objects, key, {
      contentType: 'video/mp4',
      redirectSeconds: this.config.isDownloadRedirected ? fileUrlSeconds : undefined,
      ...(downloadName === undefined ? {} : { downloadName }),
    });
  }

  private async allowed(params: unknown, principal: Principal, action: 'view' | 'export'): Promise<Export> {
    const { exportId } = parseInput(exportPathSchema, params, 'path');
    const found = await this.exports.get(exportId);
    addToContext({ exportId, recordingId: found.recordingId });
    requireRecordingAccess(principal, found.recordingId, action);
    return found;
  }
}
