import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ApiKeyService } from '../auth/api-key-service.ts';
import { hashSecret, matchesHash } from '../auth/hash-secret.ts';
import { Requires } from '../auth/requires.ts';
import { CONFIG, type Config } from '../config/config.ts';
import { ProblemError } from '../errors/problem-error.ts';
import { Metrics } from './metrics.ts';

/** Metrics tell who meets when: they need the API key or RUSHES_METRICS_TOKEN. A loopback address is no proof behind a proxy. */
@Controller()
export class MetricsController {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(ApiKeyService) private readonly apiKeys: ApiKeyService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('metrics')
  @Requires('anyone')
  async read(@Req() request: Request, @Res() response: Response): Promise<void> {
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined || !(await this.mayRead(bearer))) {
      throw new ProblemError(
        401,
        'credentials-missing',
        'Expected the API key or RUSHES_METRICS_TOKEN as "Authorization: Bearer".',
        [],
        {
          headers: { 'www-authenticate': 'Bearer realm="rushes"' },
        },
      );
    }
    response.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }

  private async mayRead(bearer: string): Promise<boolean> {
    const { metricsToken } = this.config;
    if (metricsToken !== undefined && matchesHash(bearer, hashSecret(metricsToken))) return true;
    return (await this.apiKeys.verify(bearer)) !== undefined;
  }
}
