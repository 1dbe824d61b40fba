export { ExportsApiModule, ExportsModule, ExportsWorkerModule } from './exports.module.ts';
export { exportsPaths } from './http/openapi-paths.ts';
export { ExportsService } from './exports-service.ts';
export { exportSchema, exportListSchema, createExportSchema } from './schemas.ts';
export type { Export, ExportList } from './schemas.ts';
