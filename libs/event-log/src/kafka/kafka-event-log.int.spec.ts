import { randomUUID } from 'node:crypto';
import { describeWith, kafkaBrokers } from '../../../../test/fixtures/services.ts';
import { testEventLog } from '../contract/index.ts';
import { KafkaEventLog } from './kafka-event-log.ts';
import { applyTopics } from './topics/apply-topics.ts';

const settings = { partitions: 3 };

describeWith('kafka', 'On a real broker', () => {
  testEventLog('KafkaEventLog', async () => {
    const connection = { brokers: await kafkaBrokers(), topicPrefix: `${randomUUID()}.` };
    await applyTopics({ connection, settings });
    return {
      open: async () => new KafkaEventLog({ connection, settings, firstRetryMs: 10, onFailure: () => undefined }),
      dispose: async () => undefined,
    };
  });
});
