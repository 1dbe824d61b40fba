export { KafkaEventLog, type KafkaEventLogOptions } from './kafka-event-log.ts';
export type { KafkaConnection, KafkaSasl } from './client/kafka-connection.ts';
export { createTopics } from './topics/create-topics.ts';
export { applyTopics, checkTopics, type AppliedTopics, type TopicsOptions } from './topics/apply-topics.ts';
export type { TopicDifference } from './topics/inspect-topics.ts';
export { defaultPartitions, type TopicSettings } from './topics/topic-definitions.ts';
export { TopicsDifferError } from './topics/topics-differ-error.ts';
