import { Module, type Type } from '@nestjs/common';
import { PlatformModule, type Config } from '@rushes/platform';
import { TimelineWriterModule } from '@rushes/timeline-writer';
import { whiteboardPlugin } from '@rushes/whiteboard';

/** Turns the log into recordings at rest; several share the log's partitions. */
export function timelineWriterModule(config: Config): Type {
  @Module({ imports: [PlatformModule.forRoot(config), TimelineWriterModule.forRoot({ plugins: [whiteboardPlugin] })] })
  class TimelineWriterAppModule {}
  return TimelineWriterAppModule;
}
