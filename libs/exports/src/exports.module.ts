import { Inject, Module } from '@nestjs/common';
import { ApiDocument } from '@rushes/platform';
import { ExportStore } from './export-store.ts';
import { ExportsService } from './exports-service.ts';
import { ExportsController } from './http/exports.controller.ts';
import { exportsPaths } from './http/openapi-paths.ts';
import { ExportJobs } from './worker/export-jobs.ts';

/** The HTTP API of exports and the worker that renders them. Needs `PlatformModule`. */
@Module({
  controllers: [ExportsController],
  providers: [ExportStore, ExportsService, ExportJobs],
  exports: [ExportsService],
})
export class ExportsModule {
  constructor(@Inject(ApiDocument) document: ApiDocument) {
    document.add(exportsPaths);
  }
}
