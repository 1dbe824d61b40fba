import kafkajs, { type CompressionTypes, type Message } from 'kafkajs';
import produce, { type ProduceArguments } from 'kafkajs/src/protocol/requests/produce/index.js';
import { expect, it } from 'vitest';
import { writeProduceInOnePass } from './one-pass-produce.ts';
import { registerZstd } from './zstd-codec.ts';

const kafkajsRequest = produce.protocol({ version: 7 });
writeProduceInOnePass();
registerZstd();
const { CompressionTypes: types } = kafkajs;

const headers = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };

function of(topics: Record<string, Message[][]>, compression: CompressionTypes): ProduceArguments {
  return {
    acks: -1,
    timeout: 8_000,
    compression,
    producerId: '9007199254740993',
    producerEpoch: 3,
    topicData: Object.entries(topics).map(([topic, partitions]) => ({
      topic,
      partitions: partitions.map((messages, partition) => ({ partition, messages, firstSequence: 70_000 + partition })),
    })),
  };
}

const bytesOf = async (create: typeof kafkajsRequest, options: ProduceArguments) => {
  const { request } = create(options);
  return (await request.encode()).buffer;
};

const text = (length: number) => 'ä'.repeat(length);
const timestamp = '1790000000123';
const plain = Array.from({ length: 300 }, (_, seq) => ({
  key: seq < 200 ? 'rec-1' : 'rec-2',
  value: Buffer.from(JSON.stringify({ seq, text: text(seq) })),
  headers,
  timestamp,
}));
const odd: Message[] = [
  { value: 'neither key nor headers', timestamp },
  { key: null, value: null, timestamp: '1790000000999', headers: {} },
  { key: Buffer.from([0, 255]), value: '', timestamp: '1796000000000', headers: { many: ['a', Buffer.from('b')] } },
  { key: text(40), value: text(20_000), timestamp, headers: { large: text(9_000) } },
  { key: '', value: Buffer.alloc(70_000, 'x'), timestamp },
];

it.each([
  ['events, compressed by zstd', of({ 'rushes.events.v1': [plain], 'rushes.dom.v1': [plain, plain] }, types.ZSTD)],
  ['events, compressed by gzip', of({ 'rushes.events.v1': [plain] }, types.GZIP)],
  ['events, uncompressed', of({ 'rushes.events.v1': [plain] }, types.None)],
  ['messages of any shape', of({ 'rushes.events.v1': [odd] }, types.None)],
  ['a transaction', { ...of({ 'rushes.events.v1': [plain] }, types.None), transactionalId: 't' }],
  ['no producer id', { ...of({ 'rushes.events.v1': [plain] }, types.None), producerId: -1 }],
])('writes the very bytes that kafkajs writes: %s', async (_, options) => {
  const written = await bytesOf(produce.protocol({ version: 7 }), options);
  expect(written.equals(await bytesOf(kafkajsRequest, options))).toBe(true);
});

it('gives messages that say no time that of the request', async () => {
  const before = Date.now();
  const options = of({ 'rushes.events.v1': [[{ value: 'now' }]] }, types.None);
  const written = await bytesOf(produce.protocol({ version: 7 }), options);
  const firstMs = Number(written.readBigInt64BE(written.indexOf('rushes.events.v1') + 16 + 12 + 27));
  expect(firstMs).toBeGreaterThanOrEqual(before);
  expect(firstMs).toBeLessThanOrEqual(Date.now());
});
