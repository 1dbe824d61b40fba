import { Body, Controller, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import {
  CONFIG,
  newId,
  parseInput,
  ProblemError,
  Requires,
  TokenService,
  type Config,
  type TokenClaims,
} from '@rushes/platform';
import { RecordingsService } from './recordings-service.ts';
import { tokenRequestSchema, type TokenAnswer } from './schemas.ts';

/** Hands out the short-lived tokens with which pages work; they never see the API key. */
@Controller('v1/tokens')
export class TokensController {
  constructor(
    @Inject(TokenService) private readonly tokens: TokenService,
    @Inject(RecordingsService) private readonly recordings: RecordingsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @Requires('api-key')
  async issue(@Body() body: unknown, @Res({ passthrough: true }) response: Response): Promise<TokenAnswer> {
    const { ttlSeconds: wanted, ...request } = parseInput(tokenRequestSchema, body, 'body');
    const claims: TokenClaims =
      request.scope === 'meeting' ? { ...request, participantId: request.participantId ?? newId() } : request;
    if ('recordingId' in claims && claims.recordingId !== undefined) {
      const { status } = await this.recordings.get(claims.recordingId);
      if (claims.scope === 'capture' && status !== 'recording')
        throw new ProblemError(409, 'recording-ended', 'The recording has ended: it takes no more events.');
    }

    const ttlSeconds = wanted ?? this.config.tokenTtlSeconds[claims.scope];
    const token = await this.tokens.issue(claims, ttlSeconds);
    response.setHeader('cache-control', 'no-store');
    return {
      token,
      expiresAt: (Math.floor(Date.now() / 1000) + ttlSeconds) * 1000,
      ...('participantId' in claims ? { participantId: claims.participantId } : {}),
    };
  }
}
