import type { types as mediasoup } from 'mediasoup';

/** Which of a producer's streams is recorded, and under which SSRC the sender's reports about it belong. */
export type StreamMap = {
  /** Called for every packet: `ssrc` is the consumer's. */
  isRecorded: (ssrc: number, atMs: number) => boolean;
  /** The consumer's SSRC for one of the sender's; undefined when the report is about nothing that is recorded. */
  recordedSsrcOf: (senderSsrc: number) => number | undefined;
};

/** One stream, whose SSRC mediasoup exchanges and whose timestamps it leaves alone. */
export function singleStream(consumer: mediasoup.Consumer): StreamMap {
  const ssrc = consumer.rtpParameters.encodings?.[0]?.ssrc;
  return { isRecorded: () => true, recordedSsrcOf: () => ssrc };
}

/** A higher layer that has been silent for so long gives way to a lower one. */
const layerSilenceMs = 1500;

/**
 * Simulcast by a pipe consumer, which hands over every layer untouched (an ordinary consumer would rewrite timestamps at a
 * switch): records the highest layer that flows. Each layer keeps its own SSRC and clock, so that a switch moves nothing.
 */
export class LayerMap implements StreamMap {
  private current = -1;
  private currentAtMs = -Infinity;
  private readonly layerOf: ReadonlyMap<number, number>;
  private readonly recordedSsrcs: readonly (number | undefined)[];
  private senderSsrcs: ReadonlyMap<number, number> = new Map();
  private refreshing = false;

  constructor(
    consumer: mediasoup.Consumer,
    private readonly options: {
      /** Sender SSRC to layer, as known now. */
      readSenderSsrcs: () => Promise<ReadonlyMap<number, number>>;
      /** Highest layer to record; default: all are allowed. */
      highestLayer: number;
      onSwitch: (layer: number) => void;
    },
  ) {
    this.recordedSsrcs = (consumer.rtpParameters.encodings ?? []).map(({ ssrc }) => ssrc);
    this.layerOf = new Map(this.recordedSsrcs.flatMap((ssrc, layer) => (ssrc === undefined ? [] : [[ssrc, layer]])));
  }

  readonly isRecorded = (ssrc: number, atMs: number): boolean => {
    const layer = this.layerOf.get(ssrc);
    if (layer === undefined || layer > this.options.highestLayer) return false;
    if (layer < this.current && atMs - this.currentAtMs < layerSilenceMs) return false;
    this.currentAtMs = atMs;
    if (layer !== this.current) {
      this.current = layer;
      this.options.onSwitch(layer);
    }
    return true;
  };

  readonly recordedSsrcOf = (senderSsrc: number): number | undefined => {
    const layer = this.senderSsrcs.get(senderSsrc);
    if (layer === undefined) void this.refresh();
    // Reports of layers that are not recorded do no harm: their streams have no packets.
    return layer === undefined ? undefined : this.recordedSsrcs[layer];
  };

  private async refresh(): Promise<void> {
    if (this.refreshing) return;
    this.refreshing = true;
    // It fails only when the producer has closed meanwhile.
    this.senderSsrcs = await this.options.readSenderSsrcs().catch(() => this.senderSsrcs);
    this.refreshing = false;
  }
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
