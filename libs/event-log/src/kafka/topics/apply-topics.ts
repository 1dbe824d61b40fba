import kafkajs, { type Admin } from 'kafkajs';
import { topics } from '../../event-log.ts';
import { createKafka } from '../client/create-kafka.ts';
import type { KafkaConnection } from '../client/kafka-connection.ts';
import { createTopics } from './create-topics.ts';
import { inspectTopics, type TopicDifference } from './inspect-topics.ts';
import { defineTopics, type TopicDefinition, type TopicSettings } from './topic-definitions.ts';
import { TopicsDifferError } from './topics-differ-error.ts';

// Node does not see these names of the CommonJS module as exports.
const { ConfigResourceTypes, ConfigSource } = kafkajs;

export type TopicsOptions = { connection: KafkaConnection; settings?: TopicSettings };

/** Names are the cluster's, with the prefix. */
export type AppliedTopics = { created: string[]; changed: TopicDifference[] };

/** What Kafka does not change without moving data, or would move recordings to other partitions. */
const fixedSettings: ReadonlySet<string> = new Set(['partitions', 'replication']);

/**
 * Creates the topics that are missing and sets the settings that differ. Idempotent.
 * @throws TopicsDifferError for what cannot be changed: partitions (a recording would be cut in two) and replication; nothing is
 * changed then.
 */
export function applyTopics({ connection, settings = {} }: TopicsOptions): Promise<AppliedTopics> {
  const prefix = connection.topicPrefix ?? '';
  return withAdmin(connection, async (admin) => {
    const definitions = await define(admin, settings, prefix);
    const differences = await inspectTopics(admin, definitions, prefix);
    const fixed = differences.filter(({ setting }) => fixedSettings.has(setting));
    if (fixed.length > 0) throw new TopicsDifferError(fixed);

    const created = differences.filter(({ setting }) => setting === 'topic').map(({ topic }) => topic);
    const missing = definitions.filter(({ topic }) => created.includes(prefix + topic));
    if (missing.length > 0) {
      const wanted = missing.map(({ topic, partitions, replication, config }) => ({
        topic: prefix + topic,
        numPartitions: partitions,
        replicationFactor: replication,
        configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
      }));
      await createTopics(admin, wanted);
    }
    const changed = differences.filter(({ setting }) => setting !== 'topic');
    for (const { topic, config } of definitions) {
      if (changed.some((each) => each.topic === prefix + topic)) await changeConfig(admin, prefix + topic, config);
    }
    return { created, changed };
  });
}

/** @throws TopicsDifferError naming every topic and setting that is not as it must be, with what was found and expected */
export function checkTopics({ connection, settings = {} }: TopicsOptions): Promise<void> {
  return withAdmin(connection, (admin) => checkTopicsBy(admin, settings, connection.topicPrefix ?? ''));
}

/** The same by a client that is connected. */
export async function checkTopicsBy(admin: Admin, settings: TopicSettings, prefix: string): Promise<void> {
  const differences = await inspectTopics(admin, await define(admin, settings, prefix), prefix);
  if (differences.length > 0) throw new TopicsDifferError(differences);
}

async function withAdmin<T>(connection: KafkaConnection, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createKafka(connection).admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Unless it is said, replication is what the topics have: a broker that is away must not make them look wrong. */
async function define(admin: Admin, settings: TopicSettings, prefix: string): Promise<TopicDefinition[]> {
  const replication = settings.replication ?? (await findReplication(admin, prefix));
  return defineTopics({ ...settings, replication });
}

async function findReplication(admin: Admin, prefix: string): Promise<number> {
  const existing = await admin.listTopics();
  const known = Object.values(topics).find((topic) => existing.includes(prefix + topic));
  if (known === undefined) return Math.min(3, (await admin.describeCluster()).brokers.length);
  const metadata = await admin.fetchTopicMetadata({ topics: [prefix + known] });
  return metadata.topics[0]?.partitions[0]?.replicas.length ?? 1;
}

/** Kafka replaces a topic's whole configuration, so what others have set is given again. */
async function changeConfig(admin: Admin, topic: string, config: Readonly<Record<string, string>>): Promise<void> {
  const described = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
  });
  const kept = (described.resources[0]?.configEntries ?? [])
    .filter((entry) => Number(entry.configSource) === Number(ConfigSource.TOPIC_CONFIG))
    .map(({ configName, configValue }) => [configName, configValue]);
  const entries = { ...(Object.fromEntries(kept) as Record<string, string>), ...config };
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: topic,
        configEntries: Object.entries(entries).map(([name, value]) => ({ name, value })),
      },
    ],
  });
}
