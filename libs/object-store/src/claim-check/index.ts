export * from './claim-check.ts';
export * from './claim-error.ts';
