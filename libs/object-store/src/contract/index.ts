export { testObjectStore, type ObjectStoreFactory } from './test-object-store.ts';
