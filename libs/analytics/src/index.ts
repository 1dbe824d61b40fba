export * from './analytics.module.ts';
export * from './analytics-paths.ts';
export * from './event-counter.ts';
