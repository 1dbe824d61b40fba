import type { CompressionTypes, Kafka, Message } from 'kafkajs';
import type { EventEnvelope } from '@rushes/timeline';
import { EventLogUnavailableError, EventRefusedError } from '../../errors.ts';
import type { Topic } from '../../event-log.ts';
import { mostRecordBytes, partitionsOf, type TopicSettings } from '../topics/topic-definitions.ts';
import { cutBySize } from './pending-append.ts';
import { partitionOf } from './partition-of.ts';
import { ProducerLane } from './producer-lane.ts';

/** CloudEvents' Kafka binding, structured mode. */
const headers = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
/** Key, headers and lengths of a record, bytes, at most. */
const overheadBytes = 192;
const mostRunBytes = 1_000_000;
/** What to tell those who find the queue full, milliseconds. */
const fullRetryAfterMs = 1_000;

export type AppendLanesOptions = {
  kafka: Kafka;
  topicPrefix: string;
  settings: TopicSettings;
  lanes: number;
  appendTimeoutMs: number;
  maxQueuedBytes: number;
  compression: CompressionTypes;
};

/** Puts events on their way: each partition belongs to one lane, so that a broker that is away holds up its lanes only. */
export class AppendLanes {
  readonly #lanes: ProducerLane[];
  #queuedBytes = 0;

  constructor(private readonly options: AppendLanesOptions) {
    this.#lanes = Array.from({ length: options.lanes }, () => new ProducerLane(options));
  }

  /** @throws EventLogUnavailableError, EventRefusedError */
  async append(topic: Topic, events: readonly EventEnvelope[]): Promise<void> {
    const { maxQueuedBytes, appendTimeoutMs, topicPrefix } = this.options;
    const byPartition = this.#encode(topic, events);
    if (this.#queuedBytes > maxQueuedBytes) {
      throw new EventLogUnavailableError(`more than ${maxQueuedBytes} bytes wait for Kafka`, fullRetryAfterMs);
    }
    const until = performance.now() + appendTimeoutMs;
    const sent: Promise<void>[] = [];
    for (const [partition, messages] of byPartition) {
      for (const run of cutBySize(messages, mostRunBytes)) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        this.#lanes[partition % this.#lanes.length]!.add({
          topic: topicPrefix + topic,
          partition,
          ...run,
          until,
          resolve,
          reject,
        });
        sent.push(this.#counted(promise, run.sizeBytes));
      }
    }
    const outcomes = await Promise.allSettled(sent);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  async #counted(sending: Promise<void>, sizeBytes: number): Promise<void> {
    this.#queuedBytes += sizeBytes;
    try {
      await sending;
    } finally {
      this.#queuedBytes -= sizeBytes;
    }
  }

  #encode(topic: Topic, events: readonly EventEnvelope[]): Map<number, { message: Message; sizeBytes: number }[]> {
    const count = partitionsOf(topic, this.options.settings);
    const byPartition = new Map<number, { message: Message; sizeBytes: number }[]>();
    let key: string | undefined;
    let partition = 0;
    let messages: { message: Message; sizeBytes: number }[] = [];
    for (const event of events) {
      // Mostly the same from one event to the next.
      if (event.recordingid !== key) {
        key = event.recordingid;
        partition = partitionOf(topic, key, count);
        messages = byPartition.get(partition) ?? [];
        byPartition.set(partition, messages);
      }
      const value = Buffer.from(JSON.stringify(event));
      const sizeBytes = value.length + overheadBytes;
      if (sizeBytes > mostRecordBytes[topic]) {
        throw new EventRefusedError(
          'event-too-large',
          `event ${event.id}: ${value.length} bytes, expected at most ${mostRecordBytes[topic] - overheadBytes}`,
        );
      }
      messages.push({ message: { key, value, headers, partition }, sizeBytes });
    }
    return byPartition;
  }
}
