import { Body, Controller, Delete, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { addToContext, parseInput, Requires } from '@rushes/platform';
import { RtpIntake } from './rtp-intake.ts';
import { openRtpTrackSchema, rtpTrackPathSchema } from './rtp-track-schemas.ts';
import type { RtpTrackAnswer } from './rtp-track-schemas.ts';

/** Tracks that hosts elsewhere send as plain RTP. */
@Controller('v1/tracks/rtp')
export class RtpTracksController {
  constructor(@Inject(RtpIntake) private readonly intake: RtpIntake) {}

  @Post()
  @Requires('api-key')
  begin(@Body() body: unknown): Promise<RtpTrackAnswer> {
    const asked = parseInput(openRtpTrackSchema, body, 'body');
    addToContext({ recordingId: asked.recordingId });
    return this.intake.begin(asked);
  }

  @Delete(':recordingId/:trackId')
  @HttpCode(204)
  @Requires('api-key')
  async end(@Param() params: unknown): Promise<void> {
    const track = parseInput(rtpTrackPathSchema, params, 'path');
    addToContext({ recordingId: track.recordingId });
    await this.intake.end(track);
  }
}
