export * from './openapi-document.ts';
export * from './openapi-paths.ts';
export * from './recordings.module.ts';
export * from './recordings-service.ts';
export * from './schemas.ts';
export * from './stream-documents/stream-documents.ts';
export * from './stream-documents/stream-documents-paths.ts';
