export { S3ObjectStore } from './s3-object-store.ts';
export type { S3Encryption, S3ObjectStoreOptions } from './s3-options.ts';
