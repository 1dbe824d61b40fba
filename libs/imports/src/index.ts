export { ImportError } from './import-error.ts';
export type { FileReport, ImportedTrack } from './import-report.ts';
export { planImport } from './plan/plan-import.ts';
export type { ImportPlan } from './plan/plan-import.ts';
export { Importer } from './run/importer.ts';
export type { Imported, ImporterParts } from './run/importer.ts';
export { ImportsModule } from './imports.module.ts';
export { importsPaths } from './http/openapi-paths.ts';
export type { ImportState } from './import-state.ts';
