export * from './ingest.module.ts';
export { defaultLimits, type IngestLimits, type IngestOptions } from './options.ts';
export { sanitiseDomEvent } from './sanitise/dom-event.ts';
