export { testEventLog, type EventLogFactory } from './test-event-log.ts';
