import type { types as mediasoup } from 'mediasoup';
import { LayerBacklog } from './layer-backlog.ts';
import type { ArrivedPacket, StreamMap } from './stream-map.ts';

export type LayerMapOptions = {
  /** Sender SSRC to layer, as known now. */
  readSenderSsrcs: () => Promise<ReadonlyMap<number, number>>;
  /** Highest layer to record, counted from 0; Infinity: the highest there is. */
  highestLayer: number;
  /** Whether a payload is the first of a key frame. */
  beginsKeyFrame: (payload: Uint8Array) => boolean;
  onSwitch: (layer: number) => void;
  requestKeyFrame: () => void;
};

/** The recorded layer is taken to have ended when it is silent for so long while a lower one goes on… */
const layerSilenceMs = 250;
/** …by so many pictures. A sender that has few pictures to show sends few on all layers. */
const layerSilencePictures = 3;
/** In the beginning all layers have a key frame, the lowest first: the highest is waited for, for so long. */
const beginningMs = 150;
/** A key frame that has not come is asked for again after this long. */
const askAgainMs = 1000;

/**
 * Simulcast by a pipe consumer, which hands over every layer untouched (an ordinary consumer would rewrite timestamps at a
 * switch): records the highest layer that flows. Each layer keeps its own SSRC and clock, so that a switch moves nothing.
 *
 * A layer can be shown only from a key frame on. So the recorded layer stays recorded until a key frame of the next one
 * comes, which is asked for at once: when a higher layer is seen, or the recorded one has ended.
 */
export class LayerMap implements StreamMap {
  private current = -1;
  private currentAtMs = -Infinity;
  private firstAtMs: number | undefined;
  /** Whether the recorded layer has had a key frame yet: until then there is nothing to lose by leaving it. */
  private hasKeyFrame = false;
  private askedAtMs = -Infinity;
  private readonly backlogs: readonly LayerBacklog[];
  private readonly layerOf: ReadonlyMap<number, number>;
  private readonly recordedSsrcs: readonly (number | undefined)[];
  private senderSsrcs: ReadonlyMap<number, number> = new Map();
  private refreshing = false;

  constructor(
    { rtpParameters }: Pick<mediasoup.Consumer, 'rtpParameters'>,
    private readonly options: LayerMapOptions,
  ) {
    this.recordedSsrcs = (rtpParameters.encodings ?? []).map(({ ssrc }) => ssrc);
    this.backlogs = this.recordedSsrcs.map(() => new LayerBacklog());
    this.layerOf = new Map(this.recordedSsrcs.flatMap((ssrc, layer) => (ssrc === undefined ? [] : [[ssrc, layer]])));
  }

  readonly take = (arrived: ArrivedPacket): readonly ArrivedPacket[] => {
    const { packet, atMs } = arrived;
    const layer = this.layerOf.get(packet.ssrc);
    if (layer === undefined || layer > this.options.highestLayer) return [];
    const isKey = this.options.beginsKeyFrame(packet.payload);
    if (layer === this.current) return this.goOn(arrived, isKey);
    const backlog = this.backlogs[layer]!;
    backlog.add(arrived, isKey);
    if (this.current < 0) return this.begin(layer, atMs);
    const isFreeToRise = layer > this.current && !this.hasKeyFrame;
    if (!isFreeToRise && !this.isWanted(layer, atMs)) return [];
    if (!isFreeToRise && !isKey) {
      this.ask(atMs);
      return [];
    }
    return this.switchTo(layer, isKey ? backlog.from(packet.sequenceNumber) : [arrived], isKey);
  };

  readonly recordedSsrcOf = (senderSsrc: number): number | undefined => {
    const layer = this.senderSsrcs.get(senderSsrc);
    if (layer === undefined) void this.refresh();
    // Reports of layers that are not recorded do no harm: their streams have no packets.
    return layer === undefined ? undefined : this.recordedSsrcs[layer];
  };

  private begin(layer: number, atMs: number): readonly ArrivedPacket[] {
    this.firstAtMs ??= atMs;
    const highest = Math.min(this.options.highestLayer, this.backlogs.length - 1);
    if (layer < highest && atMs - this.firstAtMs < beginningMs) return [];
    const { packets, hasKeyFrame } = this.backlogs[layer]!;
    return this.switchTo(layer, packets, hasKeyFrame);
  }

  private goOn(arrived: ArrivedPacket, isKey: boolean): readonly ArrivedPacket[] {
    this.currentAtMs = arrived.atMs;
    this.hasKeyFrame ||= isKey;
    if (!this.hasKeyFrame) this.ask(arrived.atMs);
    for (const backlog of this.backlogs) backlog.restartCount();
    return [arrived];
  }

  /** A higher layer; or, when the recorded one has ended, the highest of those that go on. */
  private isWanted(layer: number, atMs: number): boolean {
    if (layer > this.current) return true;
    const hasEnded =
      atMs - this.currentAtMs >= layerSilenceMs && this.backlogs[layer]!.pictureCount >= layerSilencePictures;
    return hasEnded && !this.backlogs.slice(layer + 1, this.current).some((between) => between.flows(atMs));
  }

  private switchTo(layer: number, packets: readonly ArrivedPacket[], isKey: boolean): readonly ArrivedPacket[] {
    const { atMs } = packets.at(-1)!;
    this.current = layer;
    this.currentAtMs = atMs;
    this.hasKeyFrame = isKey;
    this.askedAtMs = -Infinity;
    for (const backlog of this.backlogs) backlog.restartCount();
    this.backlogs[layer]!.clear();
    this.options.onSwitch(layer);
    if (!isKey) this.ask(atMs);
    return packets;
  }

  private ask(atMs: number): void {
    if (atMs - this.askedAtMs < askAgainMs) return;
    this.askedAtMs = atMs;
    this.options.requestKeyFrame();
  }

  private async refresh(): Promise<void> {
    if (this.refreshing) return;
    this.refreshing = true;
    // It fails only when the producer has closed meanwhile.
    this.senderSsrcs = await this.options.readSenderSsrcs().catch(() => this.senderSsrcs);
    this.refreshing = false;
  }
}
