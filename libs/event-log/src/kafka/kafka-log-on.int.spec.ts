import { readFile } from 'node:fs/promises';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServices, type RunningServices } from '../../../../scripts/services/index.ts';
import { describeWith } from '../../../../test/fixtures/services.ts';
import { Collector } from '../contract/collector.ts';
import { sampleEvents } from '../contract/sample-events.ts';
import { topics } from '../event-log.ts';
import type { KafkaConnection, KafkaSasl } from './client/kafka-connection.ts';
import { KafkaEventLog } from './kafka-event-log.ts';
import { applyTopics } from './topics/apply-topics.ts';

describeWith('kafka', 'A broker that wants TLS and a log-on', () => {
  const settings = { partitions: 1 };
  const trusted = tls.getCACertificates('default');
  let services: RunningServices;
  let secured: NonNullable<RunningServices['state']['kafka']>['secured'] & {};
  const connectionBy = (mechanism: KafkaSasl['mechanism'], password = secured.password): KafkaConnection => ({
    brokers: [secured.broker],
    topicPrefix: `${mechanism}.`,
    ssl: true,
    sasl: { mechanism, username: secured.username, password },
  });

  beforeAll(async () => {
    services = await startServices({ only: ['kafka'], isKafkaSecured: true });
    secured = services.state.kafka!.secured!;
    // What NODE_EXTRA_CA_CERTS does for a process that is started with it.
    tls.setDefaultCACertificates([...trusted, await readFile(secured.certificateFile, 'utf8')]);
  });
  afterAll(async () => {
    tls.setDefaultCACertificates(trusted);
    await services?.stop();
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('is written and read by %s', async (mechanism) => {
    const connection = connectionBy(mechanism);
    await applyTopics({ connection, settings });
    const log = new KafkaEventLog({ connection, settings, onFailure: () => undefined });
    await log.append(topics.events, sampleEvents(3, { recordingId: 'r1' }));
    const collector = new Collector();
    const subscription = await log.subscribe({ group: 'g', topics: [topics.events], onRecords: collector.onRecords });
    await subscription.whenCaughtUp();
    expect(collector.seqsOf('r1')).toHaveLength(3);
    await log.close();
  });

  it('says that the password is wrong', async () => {
    await expect(applyTopics({ connection: connectionBy('plain', 'wrong'), settings })).rejects.toThrow(
      'Invalid username or password',
    );
  });

  it('says that its certificate is not trusted', async () => {
    tls.setDefaultCACertificates(trusted);
    await expect(applyTopics({ connection: connectionBy('plain'), settings })).rejects.toThrow(
      'self-signed certificate',
    );
  });
});
