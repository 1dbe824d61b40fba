import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { addToContext, CONFIG, parseInput, recordingPathSchema, Requires, type Config } from '@rushes/platform';
import type { ImportState } from '../import-state.ts';
import { ImportsService } from '../imports-service.ts';
import { receiveFiles } from './receive-files.ts';

/** An import that takes longer goes on after the answer: balancers do not wait for ever. Milliseconds. */
const patienceMs = 20_000;
const maxFiles = 2_000;

@Controller('v1/imports')
export class ImportsController {
  constructor(
    @Inject(ImportsService) private readonly imports: ImportsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @Requires('api-key')
  async create(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<ImportState> {
    // One that is refused leaves bytes on the line that nobody will read.
    const close = (error: unknown): never => {
      response.setHeader('connection', 'close');
      throw error;
    };
    const limits = { maxBytes: this.config.importLimitBytes, maxFiles };
    const folder = await receiveFiles(request, limits).catch(close);
    const state = await this.imports.start(folder, patienceMs);
    addToContext({ recordingId: state.recordingId });
    response.location(`/v1/imports/${state.recordingId}`).status(state.status === 'running' ? 202 : 201);
    return state;
  }

  @Get(':recordingId')
  @Requires('api-key')
  get(@Param() params: unknown): Promise<ImportState> {
    const { recordingId } = parseInput(recordingPathSchema, params, 'path');
    addToContext({ recordingId });
    return this.imports.get(recordingId);
  }
}
