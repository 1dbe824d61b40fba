import { Kafka, logLevel, type RetryOptions } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection.ts';
import { writeProduceInOnePass } from './one-pass-produce.ts';
import { quietRequestQueue } from './quiet-request-queue.ts';
import { registerZstd } from './zstd-codec.ts';

/** A broker that does not answer a request within this counts as gone, milliseconds. */
export const requestTimeoutMs = 10_000;

/** All of it, since kafkajs has other defaults where NODE_ENV is `test`. Whoever uses a client tries again itself. */
export const shortRetry: RetryOptions = {
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  factor: 0.2,
  multiplier: 2,
  retries: 5,
};

/** kafkajs says in its errors and events all that its log says. */
export function createKafka({ brokers, clientId = 'rushes', ssl = false, sasl }: KafkaConnection): Kafka {
  quietRequestQueue();
  registerZstd();
  writeProduceInOnePass();
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ssl,
    ...(sasl === undefined ? {} : { sasl }),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: shortRetry,
  });
}
