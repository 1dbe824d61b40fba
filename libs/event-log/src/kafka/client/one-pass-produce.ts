import Encoder from 'kafkajs/src/protocol/encoder.js';
import produce, { type ProduceArguments } from 'kafkajs/src/protocol/requests/produce/index.js';
import { encodeRecordBatch } from './record-batch.ts';

let isOnePass = false;

/**
 * Has kafkajs write its produce requests by {@link encodeRecordBatch}, for every producer of this process. Everything else
 * of a producer (metadata, sequence numbers, connections, retries) stays kafkajs's. Idempotent.
 */
export function writeProduceInOnePass(): void {
  if (isOnePass) return;
  isOnePass = true;
  const { protocol } = produce;
  produce.protocol = ({ version }) => {
    const create = protocol({ version });
    // Before version 3 there were message sets instead of record batches; no broker since 4.0 takes them.
    if (version < 3) return create;
    return (options) => {
      const { request, response } = create(options);
      return { request: { ...request, encode: () => encodeProduce(options) }, response };
    };
  };
}

/** Versions 3 to 8 are alike: `transactional_id acks timeout [topic [partition record_set]]`. */
async function encodeProduce(options: ProduceArguments): Promise<Encoder> {
  const { transactionalId, acks, timeout, topicData, compression = 0 } = options;
  const { producerId = -1, producerEpoch = 0 } = options;
  const nowMs = Date.now();
  const request = new Encoder().writeString(transactionalId).writeInt16(acks).writeInt32(timeout);
  request.writeInt32(topicData.length);
  for (const { topic, partitions } of topicData) {
    request.writeString(topic).writeInt32(partitions.length);
    for (const { partition, messages, firstSequence = 0 } of partitions) {
      const batch = await encodeRecordBatch({
        messages,
        compression,
        isTransactional: Boolean(transactionalId),
        producerId,
        producerEpoch,
        firstSequence,
        nowMs,
      });
      request.writeInt32(partition).writeInt32(batch.length).writeBuffer(batch);
    }
  }
  return request;
}
