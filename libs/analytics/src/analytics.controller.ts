import { Controller, Get, Inject, Param } from '@nestjs/common';
import { z } from 'zod';
import { CurrentPrincipal, recordingInPath, Requires, type Principal } from '@rushes/platform';
import { EventCountStore } from './event-count-store.ts';

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
    return { events: await this.store.ofRecording(recordingInPath(params, principal)) };
  }
}
