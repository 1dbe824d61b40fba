import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { shortRetry } from '../client/create-kafka.ts';
import { coPartitionAssigner } from './co-partition-assigner.ts';

/** A member that is not heard of for so long loses its partitions, milliseconds. */
const sessionTimeoutMs = 10_000;
const heartbeatMs = 2_000;
/** How long a rebalance waits for members, milliseconds; they only fetch meanwhile, and come at their next heartbeat. */
const rebalanceTimeoutMs = 30_000;
/** A fetch waits so long for something new, milliseconds: also the longest wait of a partition that fetching resumes for. */
const fetchWaitMs = 250;
/** No sign of life of kafkajs for so long: it hangs, milliseconds. */
const longestSilenceMs = 60_000;
const silenceCheckMs = 5_000;

export type GroupMemberOptions = {
  kafka: Kafka;
  groupId: string;
  /** The cluster's names of the topics. */
  topicNames: readonly string[];
  /** Which partitions this member has now; called before anything of them is fetched. */
  onAssigned: (consumer: Consumer, assignment: Readonly<Record<string, readonly number[]>>) => void;
  onBatch: (payload: EachBatchPayload) => void;
  onCommitted: () => void;
};

/**
 * One life of a kafkajs consumer, from joining the group to the failure that ends it. kafkajs's own restarts are switched off:
 * some failures it restarts after, some it does not, and some it never notices.
 */
export class GroupMember {
  readonly consumer: Consumer;
  readonly #ended = Promise.withResolvers<unknown>();
  #lastSignMs = performance.now();
  #watch: NodeJS.Timeout | undefined;

  constructor(private readonly options: GroupMemberOptions) {
    this.consumer = options.kafka.consumer({
      groupId: options.groupId,
      partitionAssigners: [coPartitionAssigner],
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      maxWaitTimeInMs: fetchWaitMs,
      maxBytesPerPartition: 1_000_000,
      maxBytes: 8_000_000,
      allowAutoTopicCreation: false,
      retry: { ...shortRetry, restartOnFailure: async () => false },
    });
  }

  /** Joins and fetches. @returns the error that ended it, or undefined when {@link leave} did */
  async live(): Promise<unknown> {
    const { consumer, options } = this;
    const { GROUP_JOIN, CRASH, COMMIT_OFFSETS, FETCH, HEARTBEAT } = consumer.events;
    const noteSign = () => void (this.#lastSignMs = performance.now());
    consumer.on(FETCH, noteSign);
    consumer.on(HEARTBEAT, noteSign);
    consumer.on(COMMIT_OFFSETS, () => options.onCommitted());
    consumer.on(CRASH, ({ payload }) => this.#ended.resolve(payload.error));
    consumer.on(GROUP_JOIN, ({ payload }) => {
      noteSign();
      options.onAssigned(consumer, payload.memberAssignment);
    });
    this.#watch = setInterval(() => {
      if (performance.now() - this.#lastSignMs > longestSilenceMs) {
        this.#ended.resolve(new Error(`no sign of life of the consumer for ${longestSilenceMs} ms`));
      }
    }, silenceCheckMs);
    try {
      await Promise.race([this.#start(), this.#ended.promise]);
      return await this.#ended.promise;
    } catch (error) {
      return error;
    } finally {
      clearInterval(this.#watch);
      await consumer.disconnect().catch(() => undefined);
    }
  }

  /** Leaves the group; {@link live} returns. */
  leave(): void {
    this.#ended.resolve(undefined);
  }

  async #start(): Promise<void> {
    const { consumer, options } = this;
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topicNames], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => options.onBatch(payload),
    });
  }
}
