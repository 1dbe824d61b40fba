declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** Requests of one connection that wait for their turn or for the broker's throttling to end. */
  export default class RequestQueue {
    pending: unknown[];
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
  }
}

declare module 'kafkajs/src/protocol/encoder.js' {
  /** Bytes of a request, in the order of the calls. */
  export default class Encoder {
    readonly buffer: Buffer;
    writeString(value: string | null | undefined): this;
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeBuffer(value: Buffer): this;
  }
}

declare module 'kafkajs/src/protocol/recordBatch/crc32C/index.js' {
  /** CRC-32C, which Node does not have built in. */
  export default function crc32c(buffer: Buffer): number;
}

declare module 'kafkajs/src/protocol/requests/produce/index.js' {
  import type { CompressionTypes, Message } from 'kafkajs';
  import type Encoder from 'kafkajs/src/protocol/encoder.js';

  export type ProduceArguments = {
    transactionalId?: string | null;
    acks: number;
    timeout: number;
    compression?: CompressionTypes;
    producerId?: number | string;
    producerEpoch?: number;
    topicData: { topic: string; partitions: { partition: number; messages: Message[]; firstSequence?: number }[] }[];
  };
  type Produce = (options: ProduceArguments) => {
    request: { apiVersion: number; encode: () => Promise<Encoder> };
    response: unknown;
  };
  /** A produce request of each version that kafkajs knows. */
  const produce: { versions: string[]; protocol: (options: { version: number }) => Produce };
  export default produce;
}
