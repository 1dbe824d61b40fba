import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../../test/fixtures/services.ts';
import { startServices, type RunningServices } from '../../../../scripts/services/index.ts';
import { Collector } from '../contract/collector.ts';
import { sampleEvents } from '../contract/sample-events.ts';
import { EventLogUnavailableError } from '../errors.ts';
import { topics } from '../event-log.ts';
import type { KafkaConnection } from './client/kafka-connection.ts';
import { KafkaEventLog } from './kafka-event-log.ts';
import { applyTopics } from './topics/apply-topics.ts';

const settings = { partitions: 4 };
const recordings = Array.from({ length: 8 }, (_, index) => `rec-${index}`);

describeWith('kafka', 'On three brokers of which some are killed', () => {
  let services: RunningServices;
  let kafka: NonNullable<RunningServices['kafka']>;
  let connection: KafkaConnection;
  let log: KafkaEventLog;
  const acknowledged: string[] = [];
  let next = 0;

  beforeAll(async () => {
    services = await startServices({ kafkaNodes: 3, only: ['kafka'] });
    kafka = services.kafka!;
    connection = { brokers: kafka.brokers, topicPrefix: 'cluster.' };
    await applyTopics({ connection, settings });
    log = new KafkaEventLog({ connection, settings, appendTimeoutMs: 30_000, onFailure: () => undefined });
  }, 120_000);
  afterAll(async () => {
    await log?.close();
    await services?.stop();
  });

  /** One event for each recording, again and again until all are acknowledged, as a page does. */
  const say = async (by = log) => {
    const seq = next++;
    await Promise.all(
      recordings.map(async (recordingId) => {
        const events = sampleEvents(1, { recordingId, from: seq });
        for (;;) {
          try {
            await by.append(topics.events, events);
            acknowledged.push(`${recordingId} ${seq}`);
            return;
          } catch (error) {
            if (!(error instanceof EventLogUnavailableError)) throw error;
          }
        }
      }),
    );
  };
  /** Every acknowledged event is there, in the order of its recording. */
  const expectAll = async () => {
    const collector = new Collector();
    const subscription = await log.subscribe({
      group: `check-${next}`,
      topics: [topics.events],
      onRecords: collector.onRecords,
    });
    await subscription.whenCaughtUp();
    await subscription.close();
    const found = new Set(collector.records.map(({ event }) => `${event.recordingid} ${event.seq}`));
    expect(acknowledged.filter((each) => !found.has(each))).toEqual([]);
    for (const recordingId of recordings) {
      const seqs = [...new Set(collector.seqsOf(recordingId))];
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    }
  };

  it('gives the records of a member that is killed to another', { timeout: 120_000 }, async () => {
    for (let round = 0; round < 5; round++) await say();
    const script = fileURLToPath(new URL('fixtures/member-until-killed.ts', import.meta.url));
    const args = ['--import', import.meta.resolve('tsx'), script, connection.brokers[0]!, 'cluster.', '4'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    const collector = new Collector();
    const survivor = await log.subscribe({ group: 'g', topics: [topics.events], onRecords: collector.onRecords });
    await expect.poll(() => recordings.some((each) => survivor.owns(each)), { timeout: 30_000 }).toBe(true);
    child.kill('SIGKILL');
    await exited;
    await expect.poll(() => recordings.every((each) => survivor.owns(each)), { timeout: 60_000 }).toBe(true);
    await survivor.whenCaughtUp();
    for (const recordingId of recordings) expect(collector.seqsOf(recordingId)).toEqual([0, 1, 2, 3, 4]);
    await survivor.close();
  });

  it('goes on without one of them, and loses nothing when they die in turn', { timeout: 240_000 }, async () => {
    for (const node of kafka.nodes) {
      await kafka.whenInSync();
      const killed = node.kill();
      for (let round = 0; round < 10; round++) await say();
      await killed;
      await node.start();
    }
    await kafka.whenInSync();
    await expectAll();
  });

  it('acknowledges nothing that fewer brokers hold than must', { timeout: 180_000 }, async () => {
    const [, two, three] = kafka.nodes;
    await kafka.whenInSync();
    await Promise.all([two!.kill(), three!.kill()]);
    const hasty = new KafkaEventLog({ connection, settings, appendTimeoutMs: 3_000, onFailure: () => undefined });
    const outcomes = await Promise.allSettled(
      recordings.map((recordingId) => hasty.append(topics.events, sampleEvents(1, { recordingId, from: next }))),
    );
    next += 1;
    expect(outcomes.map(({ status }) => status)).toEqual(recordings.map(() => 'rejected'));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: { code: 'event-log-unavailable', retriable: true } });
    }
    await Promise.all([two!.start(), three!.start()]);
    await say(hasty);
    await hasty.close();
    await expectAll();
  });

  it('recovers by itself when all of them were away for ten seconds', { timeout: 300_000 }, async () => {
    const collector = new Collector();
    const subscription = await log.subscribe({
      group: 'patient',
      topics: [topics.events],
      onRecords: collector.onRecords,
    });
    await subscription.whenCaughtUp();
    await kafka.stop();
    const saying = say();
    const outage = AbortSignal.timeout(10_000);
    await new Promise((resolve) => outage.addEventListener('abort', resolve, { once: true }));
    await kafka.start();
    await saying;
    await say();
    await subscription.whenCaughtUp();
    const found = new Set(collector.records.map(({ event }) => `${event.recordingid} ${event.seq}`));
    expect(acknowledged.filter((each) => !found.has(each))).toEqual([]);
    await subscription.close();
    await expectAll();
  });
});
