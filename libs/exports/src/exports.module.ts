import { Inject, Module } from '@nestjs/common';
import { ApiDocument } from '@rushes/platform';
import { ExportQueue } from './export-queue.ts';
import { ExportStore } from './export-store.ts';
import { ExportsService } from './exports-service.ts';
import { ExportsController } from './http/exports.controller.ts';
import { exportsPaths } from './http/openapi-paths.ts';
import { ExportJobs } from './worker/export-jobs.ts';

/** The HTTP API of exports. Renders nothing: that is for {@link ExportsWorkerModule}, here or elsewhere. Needs `PlatformModule`. */
@Module({
  controllers: [ExportsController],
  providers: [ExportStore, ExportQueue, ExportsService],
  exports: [ExportsService],
})
export class ExportsApiModule {
  constructor(@Inject(ApiDocument) document: ApiDocument) {
    document.add(exportsPaths);
  }
}

/** The worker that renders exports, one at a time. Needs `PlatformModule`. */
@Module({ providers: [ExportStore, ExportQueue, ExportJobs] })
export class ExportsWorkerModule {}

/** Both. */
@Module({ imports: [ExportsApiModule, ExportsWorkerModule] })
export class ExportsModule {}
