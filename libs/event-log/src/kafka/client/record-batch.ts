import kafkajs, { type CompressionTypes as Compression, type IHeaders, type Message } from 'kafkajs';
import crc32c from 'kafkajs/src/protocol/recordBatch/crc32C/index.js';

// Node does not see these names of the CommonJS module as exports.
const { CompressionCodecs, CompressionTypes } = kafkajs;

/** What a batch says of itself; see {@link encodeRecordBatch}. */
export type RecordBatchOptions = {
  messages: readonly Message[];
  compression: Compression;
  isTransactional: boolean;
  /** As kafkajs has it: a number, or a 64-bit one as text. */
  producerId: number | string;
  producerEpoch: number;
  firstSequence: number;
  /** The time of messages that say none, epoch milliseconds. */
  nowMs: number;
};

/** From the base offset to the record count, bytes. */
const headBytes = 61;
/** What the checksum covers begins after it. */
const checkedFrom = 21;
const magic = 2;
const transactionalBit = 16;
/** Lengths, deltas and counts of a record, bytes, at most. */
const mostFramingBytes = 48;

/**
 * Messages of one partition as a record batch of version 2 (https://kafka.apache.org/documentation/#recordbatch), in one pass
 * over one buffer: kafkajs 2.2.4 takes some ten buffers a record, half of what producing costs.
 */
export async function encodeRecordBatch(options: RecordBatchOptions): Promise<Buffer> {
  const { messages, nowMs, compression } = options;
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for (const message of messages) {
    const timeMs = timeOf(message, nowMs);
    if (timeMs < firstMs) firstMs = timeMs;
    if (timeMs > lastMs) lastMs = timeMs;
  }
  const records = await compress(encodeRecords(messages, firstMs, nowMs), compression);
  const batch = Buffer.allocUnsafe(headBytes + records.length);
  let at = batch.writeBigInt64BE(0n, 0);
  at = batch.writeInt32BE(batch.length - 12, at);
  at = batch.writeInt32BE(0, at);
  at = batch.writeInt8(magic, at);
  at += 4; // The checksum, of what follows.
  at = batch.writeInt16BE(compression | (options.isTransactional ? transactionalBit : 0), at);
  at = batch.writeInt32BE(messages.length - 1, at);
  at = batch.writeBigInt64BE(BigInt(firstMs), at);
  at = batch.writeBigInt64BE(BigInt(lastMs), at);
  at = batch.writeBigInt64BE(BigInt(options.producerId), at);
  at = batch.writeInt16BE(options.producerEpoch, at);
  at = batch.writeInt32BE(options.firstSequence, at);
  at = batch.writeInt32BE(messages.length, at);
  batch.set(records, at);
  batch.writeUInt32BE(crc32c(batch.subarray(checkedFrom)), checkedFrom - 4);
  return batch;
}

async function compress(records: Buffer, compression: Compression): Promise<Buffer> {
  if (compression === CompressionTypes.None) return records;
  const codec = CompressionCodecs[compression]() as { compress(encoder: { buffer: Buffer }): Buffer | Promise<Buffer> };
  return codec.compress({ buffer: records });
}

/** Keys and headers are mostly the same from one message to the next: their bytes are made once. */
function encodeRecords(messages: readonly Message[], firstMs: number, nowMs: number): Buffer {
  let key: Message['key'];
  let keyBytes: Buffer | null = null;
  let headers: IHeaders | undefined;
  let headerBytes = encodeHeaders(undefined);
  let target: Buffer = Buffer.allocUnsafe(initialSize(messages));
  let at = 0;
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index]!;
    if (message.key !== key) keyBytes = toBytes((key = message.key));
    if (message.headers !== headers) headerBytes = encodeHeaders((headers = message.headers));
    const value = toBytes(message.value);
    const contentBytes = (keyBytes?.length ?? 0) + (value?.length ?? 0) + headerBytes.length;
    if (at + contentBytes + mostFramingBytes > target.length) target = grown(target, at, contentBytes);

    const deltaMs = timeOf(message, nowMs) - firstMs;
    const framingBytes =
      1 + sizeOf(deltaMs) + sizeOf(index) + sizeOf(keyBytes?.length ?? -1) + sizeOf(value?.length ?? -1);
    at = writeVarint(target, framingBytes + contentBytes, at);
    target[at++] = 0;
    at = writeVarint(target, deltaMs, at);
    at = writeVarint(target, index, at);
    at = writeBytes(target, keyBytes, at);
    at = writeBytes(target, value, at);
    target.set(headerBytes, at);
    at += headerBytes.length;
  }
  return target.subarray(0, at);
}

function initialSize(messages: readonly Message[]): number {
  let sizeBytes = 0;
  for (const { value } of messages) sizeBytes += (value?.length ?? 0) + 192;
  return sizeBytes;
}

function grown(target: Buffer, used: number, wantedBytes: number): Buffer {
  const larger = Buffer.allocUnsafe(2 * (target.length + wantedBytes + mostFramingBytes));
  larger.set(target.subarray(0, used));
  return larger;
}

/** The count, and each header's name and value. */
function encodeHeaders(headers: IHeaders = {}): Buffer {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => [Buffer.from(name), toBytes(each)] as const),
  );
  const mostBytes = pairs.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0) + 10, 5);
  const target = Buffer.allocUnsafe(mostBytes);
  let at = writeVarint(target, pairs.length, 0);
  for (const [name, value] of pairs) at = writeBytes(target, value, writeBytes(target, name, at));
  return target.subarray(0, at);
}

function timeOf({ timestamp }: Message, nowMs: number): number {
  return timestamp === undefined ? nowMs : Number(timestamp);
}

function toBytes(part: string | Buffer | null | undefined): Buffer | null {
  return typeof part === 'string' ? Buffer.from(part) : (part ?? null);
}

function writeBytes(target: Buffer, bytes: Buffer | null, at: number): number {
  if (!bytes) return writeVarint(target, -1, at);
  const start = writeVarint(target, bytes.length, at);
  target.set(bytes, start);
  return start + bytes.length;
}

/** Kafka's varint: zigzag, seven bits a byte, the lowest first. @returns where the next begins */
function writeVarint(target: Buffer, value: number, at: number): number {
  let rest = zigzag(value);
  let next = at;
  while (rest >= 0x80) {
    target[next++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[next++] = rest;
  return next;
}

function sizeOf(value: number): number {
  let sizeBytes = 1;
  for (let rest = zigzag(value); rest >= 0x80; rest = Math.floor(rest / 0x80)) sizeBytes += 1;
  return sizeBytes;
}

/** By arithmetic, since a time may take more than 32 bits. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
