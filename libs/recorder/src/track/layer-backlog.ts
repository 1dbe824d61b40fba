import type { ArrivedPacket } from './stream-map.ts';

/** Packets of a key frame that overtake its first one do so by no more than this, as does one that is sent again. */
const keptMs = 500;
/** Of a slow layer more is kept: its last key frame may be older. */
const leastKept = 50;
/** A layer without a packet for so long does not flow. */
const flowMs = 250;

/** What a layer that is not recorded sent lately: its next key frame's first packet may come after others of that frame. */
export class LayerBacklog {
  /** Begun pictures since the recorded layer's last packet. */
  pictureCount = 0;
  hasKeyFrame = false;
  private kept: ArrivedPacket[] = [];
  private lastTimestamp: number | undefined;
  private lastAtMs = -Infinity;

  /** `isKey`: the packet begins a key frame. */
  add({ data, atMs, packet }: ArrivedPacket, isKey: boolean): void {
    if (packet.timestamp !== this.lastTimestamp) this.pictureCount++;
    this.lastTimestamp = packet.timestamp;
    this.lastAtMs = atMs;
    this.hasKeyFrame ||= isKey;
    while (this.kept.length > leastKept && atMs - this.kept[0]!.atMs > keptMs) this.kept.shift();
    // The bytes lie in a buffer that belongs to the channel.
    this.kept.push({ data: new Uint8Array(data), atMs, packet });
  }

  /** In order of arrival. */
  get packets(): readonly ArrivedPacket[] {
    return this.kept;
  }

  /** From a sequence number on, in order of arrival. */
  from(sequenceNumber: number): ArrivedPacket[] {
    return this.kept.filter(({ packet }) => ((packet.sequenceNumber - sequenceNumber) & 0xffff) < 0x8000);
  }

  flows(atMs: number): boolean {
    return atMs - this.lastAtMs < flowMs;
  }

  restartCount(): void {
    this.pictureCount = 0;
  }

  clear(): void {
    this.kept = [];
    this.hasKeyFrame = false;
  }
}
