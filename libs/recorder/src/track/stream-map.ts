import type { RtpPacket } from '@rushes/media';
import type { types as mediasoup } from 'mediasoup';

/** A packet as it arrived, on the recording clock, and what it says. */
export type ArrivedPacket = { data: Uint8Array; atMs: number; packet: RtpPacket };

/** Which of a producer's streams is recorded, and under which SSRC the sender's reports about it belong. */
export type StreamMap = {
  /** Called for every packet, whose SSRC is the consumer's. @returns what is to be recorded now: it, earlier ones, or none */
  take: (arrived: ArrivedPacket) => readonly ArrivedPacket[];
  /** The consumer's SSRC for one of the sender's; undefined when the report is about nothing that is recorded. */
  recordedSsrcOf: (senderSsrc: number) => number | undefined;
};

/** One stream, whose SSRC mediasoup exchanges and whose timestamps it leaves alone. */
export function singleStream(consumer: mediasoup.Consumer): StreamMap {
  const ssrc = consumer.rtpParameters.encodings?.[0]?.ssrc;
  return { take: (arrived) => [arrived], recordedSsrcOf: () => ssrc };
}

/** The sender's SSRCs by layer. With RIDs only the worker knows them, once packets have come. */
export async function readSenderSsrcs(producer: mediasoup.Producer): Promise<ReadonlyMap<number, number>> {
  const { encodings = [] } = producer.rtpParameters;
  const stats = await producer.getStats();
  const layers = new Map<number, number>();
  for (const { ssrc, rid } of stats) {
    const layer = encodings.findIndex(
      (encoding) => encoding.ssrc === ssrc || (rid !== undefined && encoding.rid === rid),
    );
    if (layer >= 0) layers.set(ssrc, layer);
  }
  return layers;
}
