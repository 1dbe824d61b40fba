import { Partitioners } from 'kafkajs';

/** murmur2 of the key, as Java's producer does it: other people's producers find the same partition. */
const partition = Partitioners.DefaultPartitioner();
const metadataOf = new Map<
  number,
  { partitionErrorCode: number; partitionId: number; leader: number; replicas: number[]; isr: number[] }[]
>();

/** The partition of `count` that a recording's events are in. */
export function partitionOf(topic: string, key: string, count: number): number {
  let partitionMetadata = metadataOf.get(count);
  if (!partitionMetadata) {
    const ids = Array.from({ length: count }, (_, partitionId) => partitionId);
    partitionMetadata = ids.map((partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    }));
    metadataOf.set(count, partitionMetadata);
  }
  return partition({ topic, partitionMetadata, message: { key, value: null } });
}
