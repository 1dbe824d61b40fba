import { Module, type DynamicModule } from '@nestjs/common';
import { RecordingLookup } from './admission/recording-lookup.ts';
import { BatchIntake } from './batch-intake.ts';
import { CaptureGateway } from './capture-gateway.ts';
import { IngestMetrics } from './metrics.ts';
import { INGEST_OPTIONS, type IngestOptions } from './options.ts';

/** The gateway for captured pages; stands on `PlatformModule`. */
@Module({})
export class IngestModule {
  static forRoot(options: IngestOptions = {}): DynamicModule {
    return {
      module: IngestModule,
      providers: [
        { provide: INGEST_OPTIONS, useValue: options },
        IngestMetrics,
        RecordingLookup,
        BatchIntake,
        CaptureGateway,
      ],
    };
  }
}
