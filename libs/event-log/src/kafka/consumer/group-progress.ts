import type { RecordingId } from '@rushes/timeline';
import type { RetryPause } from '../../delivery/retry-pause.ts';
import { EventLogClosedError } from '../../errors.ts';
import type { Topic } from '../../event-log.ts';
import { partitionOf } from '../producer/partition-of.ts';
import { partitionsOf, type TopicSettings } from '../topics/topic-definitions.ts';
import type { Assignment } from './assignment.ts';
import { partitionKey, type GroupOffsets, type PartitionKey } from './group-offsets.ts';

/** How often other members' checkpoints are looked at while somebody waits for them, milliseconds. */
const lookMs = 250;

export type GroupProgressOptions = {
  topics: readonly Topic[];
  topicPrefix: string;
  settings: TopicSettings;
  offsets: GroupOffsets;
  assignment: Assignment;
  retry: RetryPause;
};

/** How far a group has come: what this member does it knows itself, the others' work by their checkpoints. */
export class GroupProgress {
  #step = Promise.withResolvers<void>();

  constructor(private readonly options: GroupProgressOptions) {}

  /** Something has been done. */
  note(): void {
    this.#step.resolve();
    this.#step = Promise.withResolvers();
  }

  /** Resolves when the group has come to where the log ends now. @throws EventLogClosedError when it is closed before */
  async whenCaughtUp(recordingId?: RecordingId): Promise<void> {
    const goals = await this.#goals(recordingId);
    while (goals.size > 0) {
      const step = this.#step.promise;
      if (this.options.retry.isClosed) throw new EventLogClosedError();
      const done = await this.#done([...goals.keys()]);
      for (const [key, goal] of goals) if ((done.get(key) ?? 0) >= goal) goals.delete(key);
      if (goals.size > 0) await Promise.race([step, this.options.retry.wait(lookMs)]);
    }
  }

  async lag(): Promise<number> {
    const { offsets } = this.options;
    const [ranges, checkpoints] = await Promise.all([offsets.ranges(), offsets.checkpoints()]);
    const own = this.#own();
    let lag = 0;
    for (const [key, { low, high }] of ranges) {
      lag += Math.max(0, high - Math.max(low, own.get(key) ?? checkpoints.get(key) ?? 0));
    }
    return lag;
  }

  /** Partitions that hold something, and where they end. */
  async #goals(recordingId: RecordingId | undefined): Promise<Map<PartitionKey, number>> {
    const { topics, topicPrefix, settings } = this.options;
    const ranges = await this.#insist(() => this.options.offsets.ranges());
    const goals = new Map([...ranges].filter(([, { low, high }]) => high > low).map(([key, { high }]) => [key, high]));
    if (recordingId === undefined) return goals;
    const keys = topics.map((topic) =>
      partitionKey(topicPrefix + topic, partitionOf(topic, recordingId, partitionsOf(topic, settings))),
    );
    return new Map([...goals].filter(([key]) => keys.includes(key)));
  }

  async #done(keys: readonly PartitionKey[]): Promise<Map<PartitionKey, number>> {
    const own = this.#own();
    if (keys.every((key) => own.has(key))) return own;
    return new Map([...(await this.#insist(() => this.options.offsets.checkpoints())), ...own]);
  }

  #own(): Map<PartitionKey, number> {
    const ready = this.options.assignment.all.filter((state) => state.isReady);
    return new Map(ready.map((state) => [partitionKey(state.topicName, state.at.partition), state.done]));
  }

  async #insist<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(await this.options.retry.afterFailure(error, attempt))) throw new EventLogClosedError();
      }
    }
  }
}
