import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createTopics } from '@rushes/event-log/kafka';
import { Kafka, logLevel } from 'kafkajs';
import { settleAll } from '../settle-all.ts';
import type { Service, ServiceContext } from '../service.ts';
import type { KafkaState } from '../services-state.ts';
import { KafkaNode } from './kafka-node.ts';

/** One Kafka broker, or three that keep everything three times. Each node can be killed and started by itself. */
export class KafkaCluster implements Service {
  readonly brokers: readonly string[];
  readonly nodes: readonly KafkaNode[];

  constructor(state: KafkaState, context: ServiceContext) {
    this.brokers = state.brokers;
    this.nodes = state.nodes.map((node) => new KafkaNode(state, node, context));
  }

  get address(): string {
    return this.brokers.join(',');
  }

  get pid(): number | undefined {
    return this.nodes[0]?.pid;
  }

  get isRunning(): boolean {
    return this.nodes.every((node) => node.isRunning);
  }

  /** Resolves when every node has joined, a record was produced, and a member has joined a group. */
  async start(): Promise<void> {
    await settleAll(this.nodes.map((node) => node.launch()));
    await settleAll(this.nodes.map((node) => node.whenJoined()));
    await this.#tryOut();
  }

  async stop(): Promise<void> {
    await settleAll(this.nodes.map((node) => node.stop()));
  }

  async kill(): Promise<void> {
    await settleAll(this.nodes.map((node) => node.kill()));
  }

  /** Resolves when every replica of every partition is in sync: from then on any one node may be killed. */
  async whenInSync(): Promise<void> {
    const admin = this.#connectKafka().admin();
    await admin.connect();
    try {
      for (;;) {
        const { topics } = await admin.fetchTopicMetadata();
        const partitions = topics.flatMap((topic) => topic.partitions);
        if (partitions.every(({ isr, replicas }) => isr.length === replicas.length)) return;
        await delay(200);
      }
    } finally {
      await admin.disconnect();
    }
  }

  async #tryOut(): Promise<void> {
    const kafka = this.#connectKafka();
    const name = `ready-${randomUUID()}`;
    const admin = kafka.admin();
    const producer = kafka.producer({ idempotent: true });
    const consumer = kafka.consumer({ groupId: name });
    await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
    try {
      await createTopics(admin, [{ topic: name, numPartitions: 1 }]);
      await producer.send({ topic: name, acks: -1, messages: [{ value: name }] });
      await consumer.subscribe({ topic: name, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        consumer.run({ eachMessage: async () => resolve() }).catch(reject);
      });
    } finally {
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
      await admin.deleteGroups([name]).catch(() => undefined);
      await admin.deleteTopics({ topics: [name] });
      await admin.disconnect();
    }
  }

  #connectKafka(): Kafka {
    const retry = { initialRetryTime: 100, retries: 30, maxRetryTime: 1_000 };
    return new Kafka({ brokers: [...this.brokers], clientId: 'services', logLevel: logLevel.NOTHING, retry });
  }
}
