import { setTimeout as pause } from 'node:timers/promises';
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';

// Node does not see this name of the CommonJS module as an export.
const { KafkaJSError } = kafkajs;

/** How long brokers may take to make a topic ready, milliseconds. */
const leadersWithinMs = 30_000;
const lookEveryMs = 200;

/** Makes topics, and resolves when all of their partitions are led by brokers that know of it. @throws KafkaJSError */
export async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  // kafkajs waits for leaders only: a broker that has not heard of the topic yet makes it fail.
  await admin.createTopics({ topics, waitForLeaders: false });
  const names = topics.map(({ topic }) => topic);
  await whenLed(admin, names);
}

/** Brokers hear of a new topic one after another, its partitions get leaders a moment later, and these hear of that last. */
async function whenLed(admin: Admin, names: string[]): Promise<void> {
  const until = performance.now() + leadersWithinMs;
  for (;;) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics: names });
      if (metadata.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) {
        for (const name of names) await admin.fetchTopicOffsets(name);
        return;
      }
      if (performance.now() > until) throw new Error(`no leaders for ${names.join(', ')} within ${leadersWithinMs} ms`);
    } catch (error) {
      const mayPass = error instanceof KafkaJSError && error.retriable;
      if (!mayPass || performance.now() > until) throw error;
    }
    await pause(lookEveryMs);
  }
}
