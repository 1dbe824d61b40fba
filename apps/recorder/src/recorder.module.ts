import { Inject, Module, type Type } from '@nestjs/common';
import { HealthRegistry, PlatformModule, type Config } from '@rushes/platform';
import { RecorderModule, RecorderService } from '@rushes/recorder';
import { RoomEvents, RoomsModule } from '@rushes/rooms';
import { whiteboardPlugin } from '@rushes/whiteboard';

/** Rooms, and the recorder that taps their tracks in this very process; derives files of whatever any recorder has stored. */
export function recorderModule(config: Config): Type {
  @Module({
    imports: [PlatformModule.forRoot(config), RoomsModule.forRoot({ plugins: [whiteboardPlugin] }), RecorderModule],
  })
  class RecorderAppModule {
    constructor(
      @Inject(RoomEvents) roomEvents: RoomEvents,
      @Inject(RecorderService) recorder: RecorderService,
      @Inject(HealthRegistry) health: HealthRegistry,
    ) {
      recorder.connect(roomEvents);
      // Meetings go on without the log: what happens in them waits in memory, packets on disk.
      health.tolerate('event-log');
    }
  }
  return RecorderAppModule;
}
