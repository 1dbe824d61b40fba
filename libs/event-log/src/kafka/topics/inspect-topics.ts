import kafkajs, { type Admin } from 'kafkajs';
import type { TopicDefinition } from './topic-definitions.ts';

// Node does not see these names of the CommonJS module as exports.
const { ConfigResourceTypes } = kafkajs;

/** A topic that is not as it must be. `setting` is `topic` when there is none. */
export type TopicDifference = { topic: string; setting: string; found: string; expected: string };

/** Compares the cluster's topics with the definitions. `prefix` stands before their names. */
export async function inspectTopics(
  admin: Admin,
  definitions: readonly TopicDefinition[],
  prefix: string,
): Promise<TopicDifference[]> {
  const existing = new Set(await admin.listTopics());
  const differences: TopicDifference[] = [];
  const present = definitions.filter(({ topic }) => {
    if (existing.has(prefix + topic)) return true;
    differences.push({ topic: prefix + topic, setting: 'topic', found: 'none', expected: 'a topic' });
    return false;
  });
  if (present.length === 0) return differences;
  const metadata = await admin.fetchTopicMetadata({ topics: present.map(({ topic }) => prefix + topic) });
  const configs = await describeConfigs(admin, present, prefix);
  for (const definition of present) {
    const topic = prefix + definition.topic;
    const partitions = metadata.topics.find(({ name }) => name === topic)?.partitions ?? [];
    const replication = Math.min(...partitions.map(({ replicas }) => replicas.length));
    const found: Record<string, string> = {
      ...configs.get(topic),
      partitions: String(partitions.length),
      replication: String(replication),
    };
    const expected = {
      partitions: String(definition.partitions),
      replication: String(definition.replication),
      ...definition.config,
    };
    for (const [setting, value] of Object.entries(expected)) {
      if (found[setting] === value) continue;
      differences.push({ topic, setting, found: found[setting] ?? 'none', expected: value });
    }
  }
  return differences;
}

async function describeConfigs(
  admin: Admin,
  definitions: readonly TopicDefinition[],
  prefix: string,
): Promise<Map<string, Record<string, string>>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: definitions.map(({ topic, config }) => ({
      type: ConfigResourceTypes.TOPIC,
      name: prefix + topic,
      configNames: Object.keys(config),
    })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}
