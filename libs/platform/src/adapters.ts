import { join } from 'node:path';
import type { Database } from '@rushes/database';
import { topics, type DeliveryFailure, type EventLog } from '@rushes/event-log';
import type { TopicsOptions } from '@rushes/event-log/kafka';
import { ObjectStoreError, type ObjectStore } from '@rushes/object-store';
import type { Config } from './config/config.ts';

/**
 * The event log that the configuration names. `onFailure` is told what consumers try again.
 * @throws TopicsDifferError when Kafka's topics are not as they must be; a Kafka that is away may come back
 */
export async function openEventLog(
  config: Config,
  database: Database,
  onFailure?: (failure: DeliveryFailure) => void,
): Promise<EventLog> {
  const delivery = onFailure === undefined ? {} : { onFailure };
  if (config.eventLog === 'kafka') {
    const { KafkaEventLog, TopicsDifferError } = await import('@rushes/event-log/kafka');
    const log = new KafkaEventLog({ ...kafkaOptions(config), ...delivery });
    try {
      await log.check();
    } catch (error) {
      if (!(error instanceof TopicsDifferError)) return log;
      await log.close();
      throw error;
    }
    return log;
  }
  const { EmbeddedEventLog } = await import('@rushes/event-log/embedded');
  const { events, dom } = config.retentionMs;
  return new EmbeddedEventLog(database, { ...delivery, retentionMs: { [topics.events]: events, [topics.dom]: dom } });
}

/** How the configuration reaches Kafka and wants its topics: for `applyTopics` and `checkTopics` too. */
export function kafkaOptions({ kafka, retentionMs }: Config): TopicsOptions {
  const { partitions, replication, ...connection } = kafka;
  return {
    connection,
    settings: {
      partitions,
      ...(replication === undefined ? {} : { replication }),
      eventsRetentionMs: retentionMs.events,
      domRetentionMs: retentionMs.dom,
    },
  };
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
