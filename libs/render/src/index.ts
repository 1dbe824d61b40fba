export { exportRequestSchema } from './export-request.ts';
export type { ExportRequest } from './export-request.ts';
export { RenderError } from './render-error.ts';
export type { RenderErrorCode } from './render-error.ts';
export type { RenderResult, VerificationCheck } from './render-result.ts';
export type { RecordingObject, RecordingObjects } from './recording-objects.ts';
export { renderExport } from './render-export.ts';
export type { RenderOptions } from './render-export.ts';
