import { randomUUID } from 'node:crypto';
import type { Producer } from 'kafkajs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWith, kafkaBrokers } from '../../../../test/fixtures/services.ts';
import { Collector } from '../contract/collector.ts';
import { sampleEvents } from '../contract/sample-events.ts';
import { listDeadLetters } from '../dead-letters/list-dead-letters.ts';
import { replayDeadLetters } from '../dead-letters/replay-dead-letters.ts';
import { topics, type LogRecord, type TopicPartition } from '../event-log.ts';
import { createKafka } from './client/create-kafka.ts';
import type { KafkaConnection } from './client/kafka-connection.ts';
import { KafkaEventLog } from './kafka-event-log.ts';
import { applyTopics } from './topics/apply-topics.ts';

const settings = { partitions: 4 };
const recordings = Array.from({ length: 12 }, (_, index) => `rec-${index}`);

describeWith('kafka', 'Consumers on Kafka', () => {
  let connection: KafkaConnection;
  let logs: KafkaEventLog[];
  const open = () => {
    const log = new KafkaEventLog({
      connection,
      settings,
      firstRetryMs: 5,
      maxRetryMs: 50,
      onFailure: () => undefined,
    });
    logs.push(log);
    return log;
  };
  beforeEach(async () => {
    logs = [];
    connection = { brokers: await kafkaBrokers(), topicPrefix: `${randomUUID()}.` };
    await applyTopics({ connection, settings });
  });
  afterEach(() => Promise.all(logs.map((log) => log.close())));

  const appendToAll = (log: KafkaEventLog, from: number, count: number) =>
    Promise.all(recordings.map((recordingId) => log.append(topics.events, sampleEvents(count, { recordingId, from }))));

  it('give both topics of a recording to one member, and tell it what it has lost when another joins', async () => {
    const log = open();
    await appendToAll(log, 0, 2);
    const revoked: TopicPartition[] = [];
    const one = new Collector();
    const subscribe = (member: KafkaEventLog, collector: Collector) =>
      member.subscribe({
        group: 'g',
        topics: [topics.events, topics.dom],
        checkpoints: 'manual',
        onRecords: collector.onRecords,
        onRevoked: async (partitions) => void revoked.push(...partitions),
      });
    const first = await subscribe(log, one);
    await first.whenCaughtUp();
    expect(recordings.every((recordingId) => first.owns(recordingId))).toBe(true);
    expect(revoked).toEqual([]);

    const two = new Collector();
    const second = await subscribe(open(), two);
    const isShared = () =>
      recordings.every((each) => first.owns(each) !== second.owns(each)) &&
      recordings.some((each) => first.owns(each)) &&
      recordings.some((each) => second.owns(each));
    await expect.poll(isShared, { timeout: 30_000 }).toBe(true);
    expect(new Set(revoked.map(({ partition }) => partition)).size).toBeGreaterThan(0);
    // Nothing was checkpointed, so the new member is handed its recordings from the beginning.
    const its = recordings.filter((each) => second.owns(each));
    await expect.poll(() => its.every((each) => two.seqsOf(each).join() === '0,1'), { timeout: 30_000 }).toBe(true);
    const lost = one.records.find(({ event }) => its.includes(event.recordingid))!;
    await expect(first.checkpoint(lost)).rejects.toMatchObject({ code: 'partition-revoked' });
  });

  it('keep their partitions while they take longer than a session lasts', { timeout: 60_000 }, async () => {
    const log = open();
    await appendToAll(log, 0, 1);
    const gate = Promise.withResolvers<void>();
    const revoked: TopicPartition[] = [];
    const seen = new Collector();
    const subscription = await log.subscribe({
      group: 'slow',
      topics: [topics.events],
      onRecords: async (records) => {
        await gate.promise;
        await seen.onRecords(records);
      },
      onRevoked: async (partitions) => void revoked.push(...partitions),
    });
    const longerThanASession = AbortSignal.timeout(13_000);
    await new Promise((resolve) => longerThanASession.addEventListener('abort', resolve, { once: true }));
    gate.resolve();
    await subscription.whenCaughtUp();
    expect(revoked).toEqual([]);
    expect(seen.records).toHaveLength(recordings.length);
  });

  it('stop fetching for a consumer that does not keep up, and lose nothing', { timeout: 60_000 }, async () => {
    const log = open();
    await log.append(topics.dom, sampleEvents(120, { padding: 200_000 }));
    const gate = Promise.withResolvers<void>();
    const seqs: number[] = [];
    const subscription = await log.subscribe({
      group: 'full',
      topics: [topics.dom],
      onRecords: async (records) => {
        await gate.promise;
        seqs.push(...records.map(({ event }) => event.seq));
      },
    });
    expect(await subscription.lag()).toBe(120);
    gate.resolve();
    await subscription.whenCaughtUp();
    expect(seqs).toEqual(Array.from({ length: 120 }, (_, seq) => seq));
  });

  it('set aside what is no envelope, with its bytes, and go on', async () => {
    const log = open();
    const [before, broken, after] = sampleEvents(3);
    await log.append(topics.events, [before!]);
    await send({ key: 'rec-1', value: 'no JSON {' });
    await send({ key: 'rec-1', value: JSON.stringify({ ...broken!, atms: -1 }) });
    await log.append(topics.events, [after!]);
    const collector = new Collector();
    const subscription = await log.subscribe({ group: 'g', topics: [topics.events], onRecords: collector.onRecords });
    await subscription.whenCaughtUp();
    expect(collector.seqs).toEqual([0, 2]);

    const letters = await listDeadLetters(log);
    expect(letters.map(({ code, group, topic, key }) => [code, group, topic, key])).toEqual([
      ['not-json', 'g', topics.events, 'rec-1'],
      ['event-invalid', 'g', topics.events, 'rec-1'],
    ]);
    expect(letters[0]!.value.toString()).toBe('no JSON {');
    const result = await replayDeadLetters(log, letters);
    expect(result.replayed).toEqual([]);
    expect(result.refused.map(({ id }) => id)).toEqual(letters.map(({ id }) => id));
  });

  it('set aside the one record that a consumer keeps failing on; it can be replayed', async () => {
    const log = open();
    await log.append(topics.events, sampleEvents(5));
    const taken: number[] = [];
    let isMended = false;
    const take = (records: readonly LogRecord[]) => {
      for (const { event } of records) {
        if (event.seq === 2 && !isMended) throw new TypeError('Cannot read properties of undefined, says the test');
      }
      taken.push(...records.map(({ event }) => event.seq));
    };
    const subscription = await log.subscribe({
      group: 'g',
      topics: [topics.events],
      onRecords: async (each) => take(each),
    });
    await subscription.whenCaughtUp();
    expect(taken).toEqual([0, 1, 3, 4]);
    expect(await subscription.lag()).toBe(0);

    isMended = true;
    const letters = await listDeadLetters(log, { group: 'g' });
    expect(letters).toMatchObject([{ code: 'consumer-failed', partition: expect.any(Number) as number }]);
    await replayDeadLetters(log, letters);
    await subscription.whenCaughtUp();
    expect(taken).toEqual([0, 1, 3, 4, 2]);
    expect(await listDeadLetters(log)).toEqual([]);
    expect(await listDeadLetters(log, { withReplayed: true })).toHaveLength(1);
  });

  it('never take an outage for the fault of a record', async () => {
    const log = open();
    await log.append(topics.events, sampleEvents(2));
    let attempts = 0;
    const subscription = await log.subscribe({
      group: 'g',
      topics: [topics.events],
      onRecords: async () => {
        if (++attempts < 20) throw new Error('Connection terminated unexpectedly, says the test');
      },
    });
    await subscription.whenCaughtUp();
    expect(attempts).toBe(20);
    expect(await listDeadLetters(log)).toEqual([]);
  });

  it('refuse what is larger than the topic allows, and say so', async () => {
    const [event] = sampleEvents(1, { padding: 5_000_000 });
    await expect(open().append(topics.events, [event!])).rejects.toMatchObject({
      code: 'event-too-large',
      retriable: false,
    });
  });

  async function send(message: { key: string; value: string }): Promise<void> {
    const producer: Producer = createKafka(connection).producer();
    await producer.connect();
    await producer.send({ topic: `${connection.topicPrefix}${topics.events}`, messages: [message] });
    await producer.disconnect();
  }
});
