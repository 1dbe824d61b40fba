import { openDatabase, type Database, type OpenDatabaseOptions } from '@rushes/database';
import type { EventLog } from '@rushes/event-log';
import type { TopicsOptions } from '@rushes/event-log/kafka';
import { kafkaOptions, loadConfig, type Config } from '@rushes/platform';

/** The command asks for something that this installation does not have. */
export class NotInstalledError extends Error {
  readonly code = 'not-installed';
  readonly retriable = false;
}

/** The installation that the environment names. @throws ConfigError naming the variables that are wrong */
export function readConfig(): Config {
  return loadConfig(process.env);
}

/** How to reach its Kafka cluster, and how the topics are to be. @throws NotInstalledError when its event log is another one */
export function kafkaTopics(config: Config): TopicsOptions {
  if (config.eventLog !== 'kafka') {
    throw new NotInstalledError(
      'RUSHES_EVENT_LOG: expected kafka (with RUSHES_KAFKA_BROKERS), because topics are on Kafka',
    );
  }
  const { connection, settings } = kafkaOptions(config);
  return { connection: { clientId: 'rushes-cli', ...connection }, ...(settings === undefined ? {} : { settings }) };
}

/** Where its database is. */
export function databaseOptions({ databaseUrl, dataDir }: Config): OpenDatabaseOptions {
  return databaseUrl === undefined ? { dataDir } : { url: databaseUrl, poolSize: 2 };
}

/** Opens its database for `work`, and closes it. */
export async function withDatabase<T>(config: Config, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(databaseOptions(config));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Opens its event log for `work`, and closes it. */
export async function withEventLog<T>(config: Config, work: (log: EventLog) => Promise<T>): Promise<T> {
  if (config.eventLog === 'kafka') {
    const { KafkaEventLog } = await import('@rushes/event-log/kafka');
    return closing(new KafkaEventLog(kafkaTopics(config)), work);
  }
  const { EmbeddedEventLog } = await import('@rushes/event-log/embedded');
  return withDatabase(config, (database) => closing(new EmbeddedEventLog(database), work));
}

async function closing<T>(log: EventLog, work: (log: EventLog) => Promise<T>): Promise<T> {
  try {
    await log.check();
    return await work(log);
  } finally {
    await log.close();
  }
}
