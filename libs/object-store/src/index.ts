export * from './claim-check/index.ts';
export * from './object-key.ts';
export * from './object-store.ts';
export * from './object-store-error.ts';
