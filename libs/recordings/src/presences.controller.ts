import { Body, Controller, Delete, HttpCode, Inject, Param, Put } from '@nestjs/common';
import { parseInput, Requires } from '@rushes/platform';
import { ExternalPresences } from './external-presences.ts';
import { presencePathSchema, presenceSchema } from './schemas.ts';

/** Who is in a meeting that is held elsewhere, as its server says. */
@Controller('v1/recordings/:recordingId/participants/:participantId/presences/:presenceId')
export class PresencesController {
  constructor(@Inject(ExternalPresences) private readonly presences: ExternalPresences) {}

  @Put()
  @HttpCode(204)
  @Requires('api-key')
  async begin(@Param() params: unknown, @Body() body: unknown): Promise<void> {
    const path = parseInput(presencePathSchema, params, 'path');
    await this.presences.begin(path, parseInput(presenceSchema, body, 'body'));
  }

  @Delete()
  @HttpCode(204)
  @Requires('api-key')
  async end(@Param() params: unknown): Promise<void> {
    await this.presences.end(parseInput(presencePathSchema, params, 'path'));
  }
}
