export * from './ingest.module.ts';
export { defaultLimits, type IngestLimits, type IngestOptions } from './options.ts';
