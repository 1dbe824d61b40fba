export * from './timeline-writer.module.ts';
export { TimelineWriter } from './timeline-writer.ts';
export type { TimelineWriterOptions } from './options.ts';
