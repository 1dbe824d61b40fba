import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Requires } from '../auth/requires.ts';
import { HealthRegistry, type HealthReport } from './health-registry.ts';

/** For orchestrators and balancers; open, and says no more than names. */
@Controller('health')
@Requires('anyone')
export class HealthController {
  constructor(@Inject(HealthRegistry) private readonly health: HealthRegistry) {}

  /** The process runs. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 200 when the process can do its work, else 503. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) response: Response): Promise<HealthReport> {
    const report = await this.health.report();
    response.status(report.status === 'ok' ? 200 : 503);
    return report;
  }
}
