import { join } from 'node:path';
import type { Database } from '@rushes/database';
import type { EventLog } from '@rushes/event-log';
import type { ObjectStore } from '@rushes/object-store';
import type { Config } from './config/config.ts';

/** The event log that the configuration names. */
export async function openEventLog(config: Config, database: Database): Promise<EventLog> {
  if (config.eventLog === 'kafka') {
    throw new Error('RUSHES_EVENT_LOG: this version has no Kafka adapter yet; expected embedded');
  }
  const { EmbeddedEventLog } = await import('@rushes/event-log/embedded');
  return new EmbeddedEventLog(database);
}

/** The object store that the configuration names. */
export async function openObjectStore(config: Config): Promise<ObjectStore> {
  if (config.objectStore === 's3') {
    throw new Error('RUSHES_OBJECT_STORE: this version has no S3 adapter yet; expected filesystem');
  }
  const { FilesystemObjectStore } = await import('@rushes/object-store/filesystem');
  return new FilesystemObjectStore(join(config.dataDir, 'objects'));
}
