import { Partitioners, type CompressionTypes, type Kafka, type Producer, type TopicMessages } from 'kafkajs';
import { EventRefusedError, type EventLogUnavailableError } from '../../errors.ts';
import { requestTimeoutMs, shortRetry } from '../client/create-kafka.ts';
import type { PendingAppend } from './pending-append.ts';
import { toAppendError } from './to-append-error.ts';

/** One request holds no more than this before compression, bytes; more raises latency and no longer the throughput. */
const mostRequestBytes = 1_000_000;
const firstPauseMs = 100;
const longestPauseMs = 1_000;

export type ProducerLaneOptions = { kafka: Kafka; compression: CompressionTypes };

/**
 * Sends the events of some partitions, one request after another: while one is in flight, appends gather and go together in the
 * next. So a lone append waits for nobody, and the number of requests does not rise with the number of writers.
 *
 * kafkajs 2.2.4 is used in this narrow way for its idempotence to hold:
 * - never two sends at once of one producer: when the first of two fails, the second takes over its sequence numbers, and the
 *   broker, which knows them, drops it as a repetition;
 * - after a send that failed, a new producer (with a new id): for the same reason;
 * - what the answer does not name was not sent: when a partition's leader moves to a broker that has already answered, kafkajs
 *   leaves its messages out and reports success.
 */
export class ProducerLane {
  #waiting: PendingAppend[] = [];
  #running: Promise<void> | undefined;
  #producer: Promise<Producer> | undefined;
  #sending: Promise<unknown> | undefined;
  #isClosing = false;

  constructor(private readonly options: ProducerLaneOptions) {}

  /** Appends of one partition are stored in the order of the calls. */
  add(append: PendingAppend): void {
    this.#waiting.push(append);
    this.#running ??= this.#run();
  }

  /** Waits for what was added. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#running;
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.disconnect().catch(() => undefined);
  }

  async #run(): Promise<void> {
    // Appends of the same turn of the event loop share the first request too.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#sendUntilTaken(this.#takeNext());
    this.#running = undefined;
  }

  #takeNext(): PendingAppend[] {
    let sizeBytes = 0;
    let count = 0;
    for (const append of this.#waiting) {
      if (count > 0 && sizeBytes + append.sizeBytes > mostRequestBytes) break;
      sizeBytes += append.sizeBytes;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Settles the appends. What fails for want of Kafka takes with it what waits behind, which would otherwise overtake it. */
  async #sendUntilTaken(appends: PendingAppend[]): Promise<void> {
    let open = appends;
    for (let attempt = 1; ; attempt += 1) {
      const until = Math.min(...open.map((append) => append.until));
      try {
        const missing = await this.#send(open, until);
        for (const append of open) if (!missing.includes(append)) append.resolve();
        open = missing;
        if (open.length === 0) return;
      } catch (error) {
        this.#dropProducer();
        const reason = toAppendError(error);
        if (reason instanceof EventRefusedError) return this.#refuse(open, reason);
        if (performance.now() >= until || this.#isClosing) return this.#giveUp(open, reason);
        await pause(Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs));
      }
    }
  }

  /** @returns appends that kafkajs did not send */
  async #send(appends: readonly PendingAppend[], until: number): Promise<PendingAppend[]> {
    const producer = await within(this.#connected(), until);
    const sending = producer.sendBatch({
      acks: -1,
      timeout: requestTimeoutMs - 2_000,
      compression: this.options.compression,
      topicMessages: group(appends),
    });
    this.#sending = sending;
    const answers = await within(sending, until);
    const sent = new Set(answers.map(({ topicName, partition }) => `${topicName}/${partition}`));
    return appends.filter(({ topic, partition }) => !sent.has(`${topic}/${partition}`));
  }

  /** One of several appends may be at fault: each is tried alone. */
  async #refuse(appends: readonly PendingAppend[], reason: EventRefusedError): Promise<void> {
    if (appends.length === 1) return appends[0]!.reject(reason);
    for (const append of appends) await this.#sendUntilTaken([append]);
  }

  #giveUp(appends: readonly PendingAppend[], reason: EventLogUnavailableError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const append of [...appends, ...waiting]) append.reject(reason);
  }

  #connected(): Promise<Producer> {
    this.#producer ??= this.#connect();
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    const producer = this.options.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: shortRetry,
    });
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
    return producer;
  }

  /** A send that was given up connects again to go on trying, so its producer is disconnected a second time after it. */
  #dropProducer(): void {
    const dropped = this.#producer;
    const sending = this.#sending;
    this.#producer = undefined;
    const disconnect = () => dropped?.then((producer) => producer.disconnect()).catch(() => undefined);
    void disconnect();
    void sending?.then(disconnect, disconnect);
  }
}

function group(appends: readonly PendingAppend[]): TopicMessages[] {
  const byTopic = Map.groupBy(appends, ({ topic }) => topic);
  return [...byTopic].map(([topic, ofTopic]) => ({ topic, messages: ofTopic.flatMap(({ messages }) => messages) }));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A request to a broker that hangs is given up when its time is over; it may still succeed, unheard. */
async function within<T>(work: Promise<T>, until: number): Promise<T> {
  const leftMs = Math.max(0, until - performance.now());
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within the time for an append`)), leftMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
