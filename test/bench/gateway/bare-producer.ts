import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs';
import { topics } from '@rushes/event-log';
import { wrapEvent } from '@rushes/timeline';
import { registerZstd } from '../../../libs/event-log/src/kafka/client/zstd-codec.ts';

export type BareRequest = { codec: 'zstd' | 'none'; durationMs: number };
/** `cpuMicros`: processor time of the process for an event, microseconds. */
export type BareAnswer = { perSecond: number; cpuMicros: number };

/**
 * kafkajs alone, idempotent and acks=all as ours, sending the envelopes that the gateway makes of the same batches, which it has
 * ready as bytes: `<broker> <topic prefix> <writers> <batch>`. Answers each {@link BareRequest}.
 */
const [broker, prefix, writers, batch] = process.argv.slice(2);
registerZstd();
const kafka = new Kafka({ brokers: [broker!], logLevel: logLevel.NOTHING });
const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();
const attributes = [
  { id: 12, attributes: { class: 'tile speaking', style: { width: '320px', transform: 'scale(1.02)' } } },
];
const event = { type: 3, timestamp: 0, data: { source: 0, texts: [], removes: [], adds: [], attributes } };
const headers = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };

function messages(key: string, source: string, first: number) {
  const of = (isChat: boolean) =>
    Array.from({ length: Number(batch) }, (_, index) => first + index)
      .filter((seq) => (seq % 10 === 0) === isChat)
      .map((seq) => {
        const said = isChat
          ? { type: 'rushes.chat.message-sent.v1', data: { messageId: `m${seq}`, text: 'Hello' } }
          : { type: 'rushes.dom.recorded.v1', data: { surface: 'ann', event } };
        const options = { recordingId: key, source, seq, nowMs: 1_790_000_000_000 };
        const value = Buffer.from(JSON.stringify(wrapEvent({ atMs: seq, participantId: 'ann', ...said }, options)));
        return { key, value, headers };
      });
  return [
    { topic: prefix + topics.events, messages: of(true) },
    { topic: prefix + topics.dom, messages: of(false) },
  ];
}

const prepared = Array.from({ length: Number(writers) }, (_, writer) =>
  Array.from({ length: 20 }, (_each, index) =>
    messages(`rec-${writer}`, `participants/ann/${randomUUID()}`, index * Number(batch)),
  ),
);
console.log('true');
for await (const line of createInterface(process.stdin)) {
  const { codec, durationMs } = JSON.parse(line) as BareRequest;
  let events = 0;
  const startedAt = performance.now();
  const cpuAtStart = process.cpuUsage();
  await Promise.all(
    prepared.map(async (batches) => {
      for (let turn = 0; performance.now() - startedAt < durationMs; turn++) {
        await producer.sendBatch({
          acks: -1,
          compression: codec === 'zstd' ? CompressionTypes.ZSTD : CompressionTypes.None,
          topicMessages: batches[turn % batches.length]!.map((each) => ({ ...each })),
        });
        events += Number(batch);
      }
    }),
  );
  const { user, system } = process.cpuUsage(cpuAtStart);
  const answer: BareAnswer = {
    perSecond: events / ((performance.now() - startedAt) / 1000),
    cpuMicros: (user + system) / events,
  };
  console.log(JSON.stringify(answer));
}
await producer.disconnect();
