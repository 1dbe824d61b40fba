import { Module, type DynamicModule } from '@nestjs/common';
import { TimelineWriterMetrics } from './metrics.ts';
import { TIMELINE_WRITER_OPTIONS, type TimelineWriterOptions } from './options.ts';
import { TimelineWriter } from './timeline-writer.ts';

/** Makes chunks and manifests of the event log; stands on `PlatformModule`. */
@Module({})
export class TimelineWriterModule {
  static forRoot(options: TimelineWriterOptions = {}): DynamicModule {
    return {
      module: TimelineWriterModule,
      providers: [{ provide: TIMELINE_WRITER_OPTIONS, useValue: options }, TimelineWriterMetrics, TimelineWriter],
      exports: [TimelineWriter],
    };
  }
}
