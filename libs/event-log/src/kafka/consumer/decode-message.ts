import { parseEnvelope } from '@rushes/timeline';
import type { KafkaMessage } from 'kafkajs';
import type { RawRecord } from '../../dead-letters/dead-letter.ts';
import type { LogRecord, TopicPartition } from '../../event-log.ts';

/** @throws SyntaxError when it is no JSON, TimelineError when it is no envelope */
export function decodeMessage(at: TopicPartition, { offset, value }: KafkaMessage): LogRecord {
  return { ...at, offset: Number(offset), event: parseEnvelope(JSON.parse(value?.toString('utf8') ?? '')) };
}

export function toRawRecord(at: TopicPartition, { offset, key, value }: KafkaMessage): RawRecord {
  return { ...at, offset: Number(offset), key: key?.toString('utf8') ?? null, value: value ?? Buffer.alloc(0) };
}
