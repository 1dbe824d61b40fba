import { CompressionTypes, type Kafka } from 'kafkajs';
import type { EventEnvelope } from '@rushes/timeline';
import { DeadLetterWriter } from '../dead-letters/dead-letter.ts';
import { completeDeliveryOptions, type DeliveryOptions } from '../delivery/delivery-options.ts';
import { EventLogClosedError } from '../errors.ts';
import { EventLog, type SubscribeOptions, type Subscription, type Topic } from '../event-log.ts';
import { AdminClient } from './client/admin-client.ts';
import { createKafka } from './client/create-kafka.ts';
import type { KafkaConnection } from './client/kafka-connection.ts';
import { GroupOffsets, type PartitionKey } from './consumer/group-offsets.ts';
import { KafkaSubscription } from './consumer/kafka-subscription.ts';
import { AppendLanes } from './producer/append-lanes.ts';
import { checkTopicsBy } from './topics/apply-topics.ts';
import type { TopicSettings } from './topics/topic-definitions.ts';

export type KafkaEventLogOptions = DeliveryOptions & {
  connection: KafkaConnection;
  /** As they were applied; see `checkTopics`. */
  settings?: TopicSettings;
  /** How long an append is tried before it is rejected, milliseconds. Default 15 000: longer than a broker's death is noticed in. */
  appendTimeoutMs?: number;
  /** Appends that would wait behind more than this are rejected at once, bytes. Default 64 MB. */
  maxQueuedBytes?: number;
  /** Requests that may be in flight at once; each partition belongs to one of so many. Default 3. */
  lanes?: number;
};

/**
 * The event log on a Kafka cluster. A recording's events are in one partition, by its id. The topics must be there:
 * `applyTopics` makes them.
 */
export class KafkaEventLog extends EventLog {
  readonly #kafka: Kafka;
  readonly #admin: AdminClient;
  readonly #lanes: AppendLanes;
  readonly #topicPrefix: string;
  readonly #settings: TopicSettings;
  readonly #delivery: Required<DeliveryOptions>;
  readonly #subscriptions = new Set<KafkaSubscription>();
  readonly #deadLetters = new DeadLetterWriter('event-log');
  #areTopicsRight = false;
  #closing: Promise<void> | undefined;

  constructor(options: KafkaEventLogOptions) {
    super();
    this.#kafka = createKafka(options.connection);
    this.#admin = new AdminClient(this.#kafka);
    this.#topicPrefix = options.connection.topicPrefix ?? '';
    this.#settings = options.settings ?? {};
    this.#delivery = completeDeliveryOptions(options);
    this.#lanes = new AppendLanes({
      kafka: this.#kafka,
      topicPrefix: this.#topicPrefix,
      settings: this.#settings,
      lanes: options.lanes ?? 3,
      appendTimeoutMs: options.appendTimeoutMs ?? 15_000,
      maxQueuedBytes: options.maxQueuedBytes ?? 64_000_000,
      compression: CompressionTypes.ZSTD,
    });
  }

  async append(topic: Topic, events: readonly EventEnvelope[]): Promise<void> {
    if (this.#closing) throw new EventLogClosedError();
    if (events.length > 0) await this.#lanes.append(topic, events);
  }

  /**
   * Does not wait for the brokers, unless it is to begin at the end.
   * @throws EventLogClosedError
   */
  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    if (this.#closing) throw new EventLogClosedError();
    const groupId = this.#topicPrefix + options.group;
    const offsets = new GroupOffsets(this.#admin, groupId, options.topics, this.#topicPrefix);
    const startAt = new Map<PartitionKey, number>();
    if (options.from === 'end') for (const [key, { high }] of await offsets.ranges()) startAt.set(key, high);
    if (this.#closing) throw new EventLogClosedError();
    const subscription: KafkaSubscription = new KafkaSubscription({
      log: { append: (topic, events) => this.#lanes.append(topic, events) },
      kafka: this.#kafka,
      groupId,
      topicPrefix: this.#topicPrefix,
      settings: this.#settings,
      subscribe: options,
      offsets,
      startAt,
      delivery: this.#delivery,
      deadLetters: this.#deadLetters,
      onClosed: () => this.#subscriptions.delete(subscription),
    });
    this.#subscriptions.add(subscription);
    if (options.from === 'end') await subscription.whenBegun();
    return subscription;
  }

  /** @throws TopicsDifferError also when the topics are not as they must be, until they are */
  async check(): Promise<void> {
    if (this.#areTopicsRight) return this.#admin.run(async (admin) => void (await admin.describeCluster()));
    await this.#admin.run((admin) => checkTopicsBy(admin, this.#settings, this.#topicPrefix));
    this.#areTopicsRight = true;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await this.#lanes.close();
    await this.#admin.close();
  }
}
