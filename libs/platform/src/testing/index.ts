export * from './start-test-application.ts';
