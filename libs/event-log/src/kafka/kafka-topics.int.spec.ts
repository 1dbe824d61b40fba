import { randomUUID } from 'node:crypto';
import { ConfigResourceTypes, type Admin } from 'kafkajs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWith, kafkaBrokers } from '../../../../test/fixtures/services.ts';
import { createKafka } from './client/create-kafka.ts';
import type { KafkaConnection } from './client/kafka-connection.ts';
import { KafkaEventLog } from './kafka-event-log.ts';
import { applyTopics, checkTopics } from './topics/apply-topics.ts';

describeWith('kafka', "Kafka's topics", () => {
  const settings = { partitions: 2, replication: 1 };
  let connection: KafkaConnection;
  let prefix: string;
  let admin: Admin;
  beforeEach(async () => {
    prefix = `${randomUUID()}.`;
    connection = { brokers: await kafkaBrokers(), topicPrefix: prefix };
    admin = createKafka(connection).admin();
    await admin.connect();
  });
  afterEach(() => admin.disconnect());

  const setRetention = (value: string, others: { name: string; value: string }[] = []) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: `${prefix}rushes.dom.v1`,
          configEntries: [{ name: 'retention.ms', value }, ...others],
        },
      ],
    });

  it('are created as they are defined, once', async () => {
    const { created } = await applyTopics({ connection, settings });
    expect(created.sort()).toEqual([
      `${prefix}rushes.dead-letters.v1`,
      `${prefix}rushes.dom.v1`,
      `${prefix}rushes.events.v1`,
    ]);
    await checkTopics({ connection, settings });
    expect(await applyTopics({ connection, settings })).toEqual({ created: [], changed: [] });
  });

  it('that are missing are refused by name', async () => {
    await expect(checkTopics({ connection, settings })).rejects.toMatchObject({
      code: 'topics-differ',
      message: expect.stringContaining(`${prefix}rushes.events.v1: there is no such topic`) as string,
    });
  });

  it('that differ are refused with the setting, what was found and what is expected, until they are applied', async () => {
    await applyTopics({ connection, settings });
    await setRetention('5000', [{ name: 'segment.ms', value: '777000' }]);
    const refusal = {
      code: 'topics-differ',
      message: expect.stringContaining(
        `${prefix}rushes.dom.v1: retention.ms is 5000, expected ${7 * 86_400_000}`,
      ) as string,
    };
    await expect(checkTopics({ connection, settings })).rejects.toMatchObject(refusal);
    const log = new KafkaEventLog({ connection, settings });
    await expect(log.check()).rejects.toMatchObject(refusal);

    const { changed } = await applyTopics({ connection, settings });
    expect(changed.map(({ setting, found }) => [setting, found])).toContainEqual(['retention.ms', '5000']);
    await log.check();
    await log.close();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: `${prefix}rushes.dom.v1`, configNames: ['segment.ms'] }],
    });
    expect(resources[0]!.configEntries[0]!.configValue).toBe('777000');
  });

  it('keep their number of partitions, since recordings would be cut in two', async () => {
    await applyTopics({ connection, settings });
    const more = { ...settings, partitions: 3 };
    await expect(applyTopics({ connection, settings: more })).rejects.toMatchObject({
      message: expect.stringContaining(`${prefix}rushes.events.v1: partitions is 2, expected 3`) as string,
    });
  });
});
