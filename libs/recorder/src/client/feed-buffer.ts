import { encodeDumpPacket } from '@rushes/media';
import type { DumpPacket, TrackNote } from '@rushes/media';
import { encodePacketFrame } from '../feed/packet-frame.ts';
import type { FeedRequest } from '../feed/feed-protocol.ts';

type Item = { atMs: number; record: Uint8Array } | { atMs: number; message: FeedNote | FeedEnd };
type FeedNote = { kind: 'note'; note: TrackNote };
type FeedEnd = { kind: 'end'; atMs: number; isGone: boolean; presenceId?: string };

/** Where items go. It takes no more while `isBusy`. */
export type FeedLine = {
  readonly isBusy: boolean;
  send(request: FeedRequest): void;
  sendBinary(frame: Uint8Array): void;
};

/** Of one message; far below what the recorder takes. */
const mostFrameBytes = 64 * 1024;
/** What an item takes besides its packet. */
const itemBytes = 200;

/** What a track has sent to the recorder and not been told of, and what is still to be sent; numbered from 0. */
export class FeedBuffer {
  private items: Item[] = [];
  private firstSeq = 0;
  private sentSeq = 0;
  private sizeBytes = 0;
  /** The pause that has been acknowledged and not been ended since. */
  private paused: TrackNote | undefined;

  constructor(private readonly limitBytes: number) {}

  /** @returns how many packets had to go for it, the oldest */
  add(packet: DumpPacket): number {
    const record = encodeDumpPacket(packet);
    this.push({ atMs: packet.atMs, record });
    return this.sizeBytes > this.limitBytes ? this.dropOldest() : 0;
  }

  note(note: TrackNote): void {
    this.push({ atMs: note.atMs, message: { kind: 'note', note } });
  }

  /** @param presenceId the presence that ends with the track */
  end(atMs: number, presenceId: string | undefined): void {
    const gone = presenceId === undefined ? { isGone: false } : { isGone: true, presenceId };
    this.push({ atMs, message: { kind: 'end', atMs, ...gone } });
  }

  /** Whether any of it is media. */
  get hasPackets(): boolean {
    return this.items.some((item) => 'record' in item);
  }

  /** The recorder has everything before `seq`. */
  settle(seq: number): void {
    for (const item of this.items.splice(0, Math.max(0, seq - this.firstSeq))) {
      this.sizeBytes -= sizeOf(item);
      if ('message' in item && item.message.kind === 'note') this.follow(item.message.note);
      this.firstSeq++;
    }
    this.sentSeq = Math.max(this.sentSeq, this.firstSeq);
  }

  /** After a lost connection: what is there goes out again, from `seq` on. */
  resumeAt(seq: number): void {
    this.settle(seq);
    this.sentSeq = this.firstSeq;
  }

  /**
   * What is there becomes the beginning of another track, which is paused if this one was.
   * @param nowMs when it begins if nothing is there
   * @returns when it begins
   */
  beginAnew(nowMs: number): number {
    const startMs = this.items[0]?.atMs ?? nowMs;
    this.firstSeq = this.sentSeq = 0;
    if (this.paused) {
      const note: TrackNote = { ...this.paused, atMs: startMs };
      this.items.unshift({ atMs: startMs, message: { kind: 'note', note } });
      this.sizeBytes += itemBytes;
      // It waits to be acknowledged again.
      this.paused = undefined;
    }
    return startMs;
  }

  /** Hands out what has not been sent, as far as the line takes it: messages as text, packets in binary messages. */
  sendTo(line: FeedLine): void {
    let records: Uint8Array[] = [];
    let recordBytes = 0;
    const flush = (nextSeq: number): void => {
      if (records.length > 0) line.sendBinary(encodePacketFrame(nextSeq - records.length, records));
      [records, recordBytes] = [[], 0];
    };
    for (; this.sentSeq < this.firstSeq + this.items.length; this.sentSeq++) {
      const item = this.items[this.sentSeq - this.firstSeq]!;
      if ('record' in item) {
        if (recordBytes + item.record.length > mostFrameBytes) flush(this.sentSeq);
        if (records.length === 0 && line.isBusy) return;
        records.push(item.record);
        recordBytes += item.record.length;
      } else {
        flush(this.sentSeq);
        line.send({ ...item.message, seq: this.sentSeq });
      }
    }
    flush(this.sentSeq);
  }

  private push(item: Item): void {
    this.items.push(item);
    this.sizeBytes += sizeOf(item);
  }

  /** The oldest quarter's packets; a note says that they are gone. Its numbers are never sent. */
  private dropOldest(): number {
    const dropped = this.items.splice(0, Math.ceil(this.items.length / 4));
    const packets = dropped.filter((item) => 'record' in item);
    const kept = dropped.filter((item) => 'message' in item);
    if (packets.length === 0) {
      this.items.unshift(...kept);
      return 0;
    }
    const [fromMs, toMs] = [packets[0]?.atMs ?? 0, packets.at(-1)?.atMs ?? 0];
    const lost: TrackNote = { kind: 'lost', atMs: fromMs, toMs, reason: 'recorder-down' };
    this.items.unshift({ atMs: fromMs, message: { kind: 'note', note: lost } }, ...kept);
    this.firstSeq += dropped.length - kept.length - 1;
    this.sentSeq = Math.max(this.sentSeq, this.firstSeq);
    this.sizeBytes = this.items.reduce((sum, item) => sum + sizeOf(item), 0);
    return packets.length;
  }

  private follow(note: TrackNote): void {
    if (note.kind === 'paused') this.paused = note;
    if (note.kind === 'resumed') this.paused = undefined;
  }
}

function sizeOf(item: Item): number {
  return itemBytes + ('record' in item ? item.record.length : 0);
}
