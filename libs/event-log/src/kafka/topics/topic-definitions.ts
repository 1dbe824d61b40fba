import { topics, type Topic } from '../../event-log.ts';

export type TopicSettings = {
  /** Partitions of `events` and `dom`: how many members of a group can share the work. Never changed afterwards. Default 12. */
  partitions?: number;
  /** Copies of each partition. Default: 3, or as many as there are brokers if these are fewer. */
  replication?: number;
  /** How long interactive events are kept, milliseconds; -1 for ever. Default -1. */
  eventsRetentionMs?: number;
  /** How long DOM events are kept, milliseconds; -1 for ever. Default 7 days. */
  domRetentionMs?: number;
};

export type TopicDefinition = {
  topic: Topic;
  partitions: number;
  replication: number;
  /** Kafka's own names and values. */
  config: Record<string, string>;
};

export const defaultPartitions = 12;
const day = 86_400_000;
const mebibyte = 1024 * 1024;
/** Largest record of a topic before compression, bytes: its batch of one still fits `max.message.bytes`. */
export const mostRecordBytes: Record<Topic, number> = {
  [topics.events]: 4 * mebibyte - 16_384,
  [topics.dom]: 4 * mebibyte - 16_384,
  [topics.deadLetters]: 8 * mebibyte - 16_384,
};

/** @returns how many partitions a topic has */
export function partitionsOf(topic: Topic, { partitions = defaultPartitions }: TopicSettings): number {
  return topic === topics.deadLetters ? 1 : partitions;
}

/** The topics as they must be. */
export function defineTopics(settings: TopicSettings & { replication: number }): TopicDefinition[] {
  const { replication, eventsRetentionMs = -1, domRetentionMs = 7 * day } = settings;
  const retention = {
    [topics.events]: eventsRetentionMs,
    [topics.dom]: domRetentionMs,
    [topics.deadLetters]: -1,
  };
  return Object.values(topics).map((topic) => ({
    topic,
    partitions: partitionsOf(topic, settings),
    replication,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(retention[topic]),
      'retention.bytes': '-1',
      'compression.type': 'zstd',
      'max.message.bytes': String(mostRecordBytes[topic] + 16_384),
      // One copy may be away without anybody noticing; an acknowledged event is in at least this many.
      'min.insync.replicas': String(Math.max(1, replication - 1)),
      'unclean.leader.election.enable': 'false',
      'message.timestamp.type': 'CreateTime',
    },
  }));
}
