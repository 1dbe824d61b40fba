import { Module } from '@nestjs/common';
import { RecorderService } from './recorder.service.ts';

/** Records and derives tracks. Needs `PlatformModule`; the app calls `RecorderService.connect` with its rooms' events. */
@Module({ providers: [RecorderService], exports: [RecorderService] })
export class RecorderModule {}
