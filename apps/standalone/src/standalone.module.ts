import { Inject, Module, type Type } from '@nestjs/common';
import { AnalyticsModule } from '@rushes/analytics';
import { ExportsModule } from '@rushes/exports';
import { ImportsModule } from '@rushes/imports';
import { IngestModule } from '@rushes/ingest';
import { PlatformModule, type Config } from '@rushes/platform';
import { RecorderModule, RecorderService } from '@rushes/recorder';
import { RecordingsModule } from '@rushes/recordings';
import { RoomEvents, RoomsModule } from '@rushes/rooms';
import { TimelineWriterModule } from '@rushes/timeline-writer';
import { whiteboardPlugin } from '@rushes/whiteboard';

const plugins = [whiteboardPlugin];

/** Every service in one process, on the adapters that the configuration names. */
export function standaloneModule(config: Config): Type {
  @Module({
    imports: [
      PlatformModule.forRoot(config),
      RoomsModule.forRoot({ plugins }),
      RecorderModule,
      IngestModule.forRoot({ plugins }),
      TimelineWriterModule.forRoot({ plugins }),
      RecordingsModule,
      ExportsModule,
      ImportsModule,
      AnalyticsModule,
    ],
  })
  class StandaloneModule {
    constructor(@Inject(RoomEvents) roomEvents: RoomEvents, @Inject(RecorderService) recorder: RecorderService) {
      recorder.connect(roomEvents);
    }
  }
  return StandaloneModule;
}
