import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import {
  accessibleRecordings,
  CurrentPrincipal,
  parseInput,
  recordingInPath,
  Requires,
  type Principal,
} from '@rushes/platform';
import { RecordingsService } from './recordings-service.ts';
import { listQuerySchema, startRecordingSchema, type Recording, type RecordingList } from './schemas.ts';

@Controller('v1/recordings')
export class RecordingsController {
  constructor(@Inject(RecordingsService) private readonly recordings: RecordingsService) {}

  @Post()
  @Requires('api-key')
  async start(@Body() body: unknown, @Res({ passthrough: true }) response: Response): Promise<Recording> {
    const recording = await this.recordings.start(parseInput(startRecordingSchema, body, 'body'));
    response.location(`/v1/recordings/${recording.recordingId}`);
    return recording;
  }

  @Get()
  @Requires('viewer')
  async list(@Query() query: unknown, @CurrentPrincipal() principal: Principal): Promise<RecordingList> {
    return this.recordings.list(parseInput(listQuerySchema, query, 'query'), accessibleRecordings(principal));
  }

  @Get(':recordingId')
  @Requires('viewer')
  async get(@Param() params: unknown, @CurrentPrincipal() principal: Principal): Promise<Recording> {
    return this.recordings.get(recordingInPath(params, principal));
  }

  @Post(':recordingId/stop')
  @HttpCode(200)
  @Requires('api-key')
  async stop(@Param() params: unknown, @CurrentPrincipal() principal: Principal): Promise<Recording> {
    return this.recordings.stop(recordingInPath(params, principal));
  }

  @Delete(':recordingId')
  @HttpCode(204)
  @Requires('api-key')
  async delete(@Param() params: unknown, @CurrentPrincipal() principal: Principal): Promise<void> {
    await this.recordings.delete(recordingInPath(params, principal));
  }
}
