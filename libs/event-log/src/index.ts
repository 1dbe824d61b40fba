export * from './dead-letters/dead-letter.ts';
export * from './dead-letters/list-dead-letters.ts';
export * from './dead-letters/replay-dead-letters.ts';
export * from './delivery/delivery-failure.ts';
export * from './errors.ts';
export * from './event-log.ts';
