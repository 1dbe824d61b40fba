export * from './room-events.ts';
