import type { DumpPacket, TrackHeader, TrackNote } from '@rushes/media';
import type { TrackSpool } from '../spool/track-spool.ts';
import type { OpenTrack } from '../track/open-track.ts';
import type { RecordedTrack } from '../track/recorded-track.ts';

/** A track whose packets and notes another process delivers, numbered; each is taken once. */
export class FedTrack implements OpenTrack {
  /** The first item that has not come. */
  nextSeq = 0;
  /** Arrival of the last packet at whoever delivers, on the recording clock. */
  lastMs: number;
  private closing: Promise<{ endMs: number; stored: Promise<boolean> }> | undefined;
  private readonly closed = Promise.withResolvers<void>();

  /** @param nowMs now on the recording clock */
  constructor(
    private readonly spool: TrackSpool,
    private readonly nowMs: () => number,
  ) {
    this.lastMs = spool.header.startMs;
  }

  get header(): TrackHeader {
    return this.spool.header;
  }

  get recordedTrack(): RecordedTrack {
    return this.spool.recordedTrack;
  }

  /** It has ended, or is about to: nothing is taken any more. */
  get isClosing(): boolean {
    return this.closing !== undefined;
  }

  takePackets(firstSeq: number, packets: readonly DumpPacket[]): void {
    if (this.isClosing) return;
    const latestMs = this.nowMs() + mostAheadMs;
    for (const packet of packets.slice(Math.max(0, this.nextSeq - firstSeq))) {
      const atMs = Math.min(packet.atMs, latestMs);
      this.spool.append({ ...packet, atMs });
      this.lastMs = Math.max(this.lastMs, atMs);
    }
    this.nextSeq = Math.max(this.nextSeq, firstSeq + packets.length);
  }

  /** @returns whether it is a new one */
  takeNote(seq: number, note: TrackNote): boolean {
    if (this.isClosing || seq < this.nextSeq) return false;
    this.nextSeq = seq + 1;
    this.note(note);
    return true;
  }

  note(note: TrackNote): void {
    this.spool.note(note);
  }

  /** Resolves when everything taken so far is in local files, or lost and noted. */
  whenWritten(): Promise<void> {
    return this.spool.whenWritten();
  }

  whenClosed(): Promise<void> {
    return this.closed.promise;
  }

  close(atMs = this.nowMs()): Promise<{ endMs: number; stored: Promise<boolean> }> {
    this.closing ??= this.spool.close(atMs).then(({ stored }) => {
      this.closed.resolve();
      return { endMs: atMs, stored };
    });
    return this.closing;
  }
}

/** By how much a deliverer's clock may be ahead of ours. Milliseconds. */
const mostAheadMs = 1000;
