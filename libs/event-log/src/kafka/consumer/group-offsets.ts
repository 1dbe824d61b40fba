import type { Topic } from '../../event-log.ts';
import type { AdminClient } from '../client/admin-client.ts';

/** What a partition holds: `high` is the offset of the next record to be appended. */
export type OffsetRange = { low: number; high: number };

/** `<name of the topic>/<partition>`. */
export type PartitionKey = string;
export function partitionKey(topicName: string, partition: number): PartitionKey {
  return `${topicName}/${partition}`;
}

/** What the brokers know of a group's topics. */
export class GroupOffsets {
  readonly #topicNames: readonly string[];

  constructor(
    private readonly admin: AdminClient,
    private readonly groupId: string,
    topics: readonly Topic[],
    topicPrefix: string,
  ) {
    this.#topicNames = topics.map((topic) => topicPrefix + topic);
  }

  ranges(): Promise<Map<PartitionKey, OffsetRange>> {
    return this.admin.run(async (admin) => {
      const ranges = new Map<PartitionKey, OffsetRange>();
      for (const topicName of this.#topicNames) {
        for (const { partition, low, high } of await admin.fetchTopicOffsets(topicName)) {
          ranges.set(partitionKey(topicName, partition), { low: Number(low), high: Number(high) });
        }
      }
      return ranges;
    });
  }

  /** Offsets of the next record to be handed over; a partition without a checkpoint is missing. */
  checkpoints(): Promise<Map<PartitionKey, number>> {
    return this.admin.run(async (admin) => {
      const checkpoints = new Map<PartitionKey, number>();
      const offsets = await admin.fetchOffsets({ groupId: this.groupId, topics: [...this.#topicNames] });
      for (const { topic, partitions } of offsets) {
        for (const { partition, offset } of partitions) {
          if (Number(offset) >= 0) checkpoints.set(partitionKey(topic, partition), Number(offset));
        }
      }
      return checkpoints;
    });
  }
}
