import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { RecordingId } from '@rushes/timeline';
import type { Topic, TopicPartition } from '../../event-log.ts';
import { partitionOf } from '../producer/partition-of.ts';
import { partitionsOf, type TopicSettings } from '../topics/topic-definitions.ts';
import { partitionKey, type GroupOffsets, type PartitionKey } from './group-offsets.ts';
import { PartitionState } from './partition-state.ts';

/** What one partition may hold ready before it is no longer fetched, bytes; and all of them together. */
const mostWaitingBytes = 2_000_000;
const mostWaitingBytesTogether = 32_000_000;

export type AssignmentOptions = {
  topics: readonly Topic[];
  topicPrefix: string;
  settings: TopicSettings;
  offsets: GroupOffsets;
  /** Where partitions without a checkpoint begin; their first record if it is not in here. */
  startAt: ReadonlyMap<PartitionKey, number>;
};

/** The partitions that a member has, what has been fetched of them, and those it had and has lost. */
export class Assignment {
  #partitions = new Map<PartitionKey, PartitionState>();
  #lost: readonly TopicPartition[] = [];
  #consumer: Consumer | undefined;
  #turn = 0;

  constructor(private readonly options: AssignmentOptions) {}

  get all(): readonly PartitionState[] {
    return [...this.#partitions.values()];
  }

  get hasLost(): boolean {
    return this.#lost.length > 0;
  }

  get(topic: Topic, partition: number): PartitionState | undefined {
    return this.#partitions.get(partitionKey(this.options.topicPrefix + topic, partition));
  }

  /** Not before the consumer has dropped what it held of an earlier time. */
  owns(recordingId: RecordingId): boolean {
    const { topics, settings } = this.options;
    if (this.#lost.length > 0) return false;
    return topics.every(
      (topic) => this.get(topic, partitionOf(topic, recordingId, partitionsOf(topic, settings)))?.isReady ?? false,
    );
  }

  /** Tells the consumer what is lost; after that it is forgotten. */
  async tellOfLost(tell: (lost: readonly TopicPartition[]) => Promise<void>): Promise<void> {
    const lost = this.#lost;
    await tell(lost);
    this.#lost = this.#lost.filter((each) => !lost.includes(each));
  }

  /** Everything is another's, or begins again. */
  lose(): void {
    for (const partition of this.#partitions.values()) partition.isRevoked = true;
    const handedOver = this.all.filter(({ wasHandedOver }) => wasHandedOver);
    this.#lost = [...this.#lost, ...handedOver.map(({ at }) => at)];
    this.#partitions = new Map();
  }

  /** Takes over what the group has assigned. Nothing is fetched before {@link begin}. */
  replace(consumer: Consumer, assignment: Readonly<Record<string, readonly number[]>>): void {
    this.lose();
    this.#consumer = consumer;
    for (const topic of this.options.topics) {
      const topicName = this.options.topicPrefix + topic;
      const partitions = assignment[topicName] ?? [];
      for (const partition of partitions) {
        this.#partitions.set(partitionKey(topicName, partition), new PartitionState({ topic, partition }, topicName));
      }
      if (partitions.length > 0) consumer.pause([{ topic: topicName, partitions: [...partitions] }]);
    }
  }

  /**
   * Reads the group's checkpoints and begins to fetch from there.
   * @returns partitions that had no checkpoint and do not begin with their first record
   */
  async begin(): Promise<PartitionState[]> {
    const partitions = this.all;
    const { offsets, startAt } = this.options;
    const [checkpoints, ranges] = await Promise.all([offsets.checkpoints(), offsets.ranges()]);
    const placed: PartitionState[] = [];
    for (const state of partitions) {
      if (state.isRevoked) continue;
      const key = partitionKey(state.topicName, state.at.partition);
      const checkpoint = checkpoints.get(key);
      const start = checkpoint ?? startAt.get(key) ?? 0;
      state.begin(Math.max(start, ranges.get(key)?.low ?? 0), checkpoint);
      if (checkpoint === undefined && startAt.has(key)) placed.push(state);
      this.#seek(state);
      this.#resume(state);
    }
    return placed;
  }

  /** Takes a fetched batch in. @returns whether there may be something to hand over */
  accept(payload: EachBatchPayload): boolean {
    const { batch } = payload;
    const state = this.#partitions.get(partitionKey(batch.topic, batch.partition));
    if (!state?.isReady) return false;
    if (!state.accept(batch.messages, Number(batch.lastOffset()))) {
      this.#seek(state);
      return false;
    }
    payload.resolveOffset(String(state.next - 1));
    const together = this.all.reduce((sum, each) => sum + each.waitingBytes, 0);
    if (state.waitingBytes > mostWaitingBytes || together > mostWaitingBytesTogether) this.#pause(state);
    return true;
  }

  /** The next partition that holds something, each in its turn. */
  next(): PartitionState | undefined {
    const partitions = this.all;
    for (let step = 0; step < partitions.length; step += 1) {
      const state = partitions[(this.#turn + step) % partitions.length]!;
      if (!state.hasWaiting) continue;
      this.#turn = (this.#turn + step + 1) % partitions.length;
      return state;
    }
    return undefined;
  }

  /** Lets a partition be fetched again that holds nothing any more. */
  noteTaken(state: PartitionState): void {
    if (state.isPaused && !state.isRevoked && !state.hasWaiting) this.#resume(state);
  }

  #seek(state: PartitionState): void {
    this.#consumer?.seek({ topic: state.topicName, partition: state.at.partition, offset: String(state.next) });
  }

  #pause(state: PartitionState): void {
    if (state.isPaused) return;
    state.isPaused = true;
    this.#consumer?.pause([{ topic: state.topicName, partitions: [state.at.partition] }]);
  }

  #resume(state: PartitionState): void {
    state.isPaused = false;
    this.#consumer?.resume([{ topic: state.topicName, partitions: [state.at.partition] }]);
  }
}
