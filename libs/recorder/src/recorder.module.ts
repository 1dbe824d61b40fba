import { Inject, Module } from '@nestjs/common';
import { ApiDocument } from '@rushes/platform';
import { ExternalTracks } from './external/external-tracks.ts';
import { FeedIntake } from './feed/feed-intake.ts';
import { RecorderService } from './recorder.service.ts';
import { RtpIntake } from './rtp/rtp-intake.ts';
import { RtpTracksController } from './rtp/rtp-tracks.controller.ts';
import { rtpTracksPaths } from './rtp/rtp-tracks-paths.ts';

/**
 * Records and derives tracks: those of rooms, whose events the app gives to `RecorderService.connect`, and those that other
 * processes deliver or send. Needs `PlatformModule`.
 */
@Module({
  controllers: [RtpTracksController],
  providers: [RecorderService, ExternalTracks, FeedIntake, RtpIntake],
  exports: [RecorderService],
})
export class RecorderModule {
  constructor(@Inject(ApiDocument) document: ApiDocument) {
    document.add(rtpTracksPaths);
  }
}
