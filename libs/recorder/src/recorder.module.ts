import { Module } from '@nestjs/common';
import { FeedIntake } from './feed/feed-intake.ts';
import { RecorderService } from './recorder.service.ts';

/** Records and derives tracks, of rooms and of other processes. Needs `PlatformModule`; the app calls `RecorderService.connect` with its rooms' events. */
@Module({ providers: [RecorderService, FeedIntake], exports: [RecorderService] })
export class RecorderModule {}
