import { Controller, Get, Inject, Param } from '@nestjs/common';
import { z } from 'zod';
import { idSchema } from '@rushes/timeline';
import { CurrentPrincipal, parseInput, requireRecordingAccess, Requires, type Principal } from '@rushes/platform';
import { EventCountStore } from './event-count-store.ts';

export const recordingPathSchema = z.object({ recordingId: idSchema });
export const eventCountsSchema = z
  .object({ events: z.array(z.object({ type: z.string(), count: z.int() })) })
  .meta({ id: 'EventCounts' });

@Controller('v1/recordings/:recordingId/event-counts')
@Requires('viewer')
export class AnalyticsController {
  constructor(@Inject(EventCountStore) private readonly store: EventCountStore) {}

  @Get()
  async read(
    @Param() params: unknown,
    @CurrentPrincipal() principal: Principal,
  ): Promise<z.infer<typeof eventCountsSchema>> {
    const { recordingId } = parseInput(recordingPathSchema, params, 'path');
    requireRecordingAccess(principal, recordingId);
    return { events: await this.store.ofRecording(recordingId) };
  }
}
