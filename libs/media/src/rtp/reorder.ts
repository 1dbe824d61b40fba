/** How long a missing packet is waited for: NACK's retries are over by then. */
export const reorderWindowMs = 3000;

export type Ordered<Packet> = {
  packet: Packet;
  /** Packets missing just before this one. */
  lostBefore: number;
};

/**
 * Puts packets in order of their unwrapped sequence number and drops repeated ones. Holds what arrived in at most
 * {@link reorderWindowMs}, and nothing at all while everything arrives in order.
 */
export class Reorderer<Packet extends { sequence: number; atMs: number }> {
  private next: number | undefined;
  /** Ascending sequence. */
  private readonly waiting: Packet[] = [];

  push(packet: Packet): Ordered<Packet>[] {
    if (this.next !== undefined && packet.sequence < this.next) return [];
    // The first packets may have overtaken each other: nothing says which sequence number the stream began with.
    this.insert(packet);
    return this.release(packet.atMs - reorderWindowMs);
  }

  /** What still waits, at the end of the stream. */
  flush(): Ordered<Packet>[] {
    return this.release(Infinity);
  }

  private insert(packet: Packet): void {
    let index = this.waiting.length;
    while (index > 0 && this.waiting[index - 1]!.sequence > packet.sequence) index--;
    if (this.waiting[index - 1]?.sequence !== packet.sequence) this.waiting.splice(index, 0, packet);
  }

  private release(beforeMs: number): Ordered<Packet>[] {
    const ordered: Ordered<Packet>[] = [];
    while (this.waiting.length > 0) {
      const packet = this.waiting[0]!;
      const isNext = packet.sequence === this.next;
      if (!isNext && !this.waiting.some(({ atMs }) => atMs <= beforeMs)) break;
      ordered.push({ packet, lostBefore: this.next === undefined ? 0 : packet.sequence - this.next });
      this.next = packet.sequence + 1;
      this.waiting.shift();
    }
    return ordered;
  }
}
