import { join } from 'node:path';
import type { Database } from '@rushes/database';
import type { EventLog } from '@rushes/event-log';
import { ObjectStoreError, type ObjectStore } from '@rushes/object-store';
import type { Config } from './config/config.ts';

/** The event log that the configuration names. */
export async function openEventLog(config: Config, database: Database): Promise<EventLog> {
  if (config.eventLog === 'kafka') {
    throw new Error('RUSHES_EVENT_LOG: this version has no Kafka adapter yet; expected embedded');
  }
  const { EmbeddedEventLog } = await import('@rushes/event-log/embedded');
  return new EmbeddedEventLog(database);
}

/**
 * The object store that the configuration names.
 * @throws ObjectStoreError when an S3 server says that bucket, credentials or region are wrong; one that is away may come back
 */
export async function openObjectStore(config: Config): Promise<ObjectStore> {
  if (config.objectStore === 's3') {
    const { S3ObjectStore } = await import('@rushes/object-store/s3');
    const store = new S3ObjectStore(config.s3);
    await store.check().catch((error: unknown) => {
      if (!(error instanceof ObjectStoreError && error.retriable)) throw error;
    });
    return store;
  }
  const { FilesystemObjectStore } = await import('@rushes/object-store/filesystem');
  return new FilesystemObjectStore(join(config.dataDir, 'objects'));
}
