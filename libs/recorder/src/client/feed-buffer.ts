import { encodeDumpPacket } from '@rushes/media';
import type { DumpPacket, TrackNote } from '@rushes/media';
import { encodePacketFrame } from '../feed/packet-frame.ts';
import type { FeedRequest } from '../feed/feed-protocol.ts';

type Message = { atMs: number; message: FeedNote | FeedEnd };
type Item = { atMs: number; record: Uint8Array } | Message;
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

/** What a track has sent to the recorder and not been told of, and what is still to be sent; numbered together, from 0. */
export class FeedBuffer {
  /** Sent, and not acknowledged. The first of it has the number `firstSeq`. */
  private onWay: Item[] = [];
  private waiting: Item[] = [];
  private firstSeq = 0;
  private waitingBytes = 0;
  /** The pause that has been acknowledged and not been ended since. */
  private paused: TrackNote | undefined;

  /** @param limitBytes most that waits */
  constructor(private readonly limitBytes: number) {}

  /** @returns how many packets had to go for it, the oldest that wait */
  add(packet: DumpPacket): number {
    this.push({ atMs: packet.atMs, record: encodeDumpPacket(packet) });
    return this.waitingBytes > this.limitBytes ? this.dropOldest() : 0;
  }

  note(note: TrackNote): void {
    this.push(noteItem(note));
  }

  /** @param presenceId the presence that ends with the track */
  end(atMs: number, presenceId: string | undefined): void {
    const gone = presenceId === undefined ? { isGone: false } : { isGone: true, presenceId };
    this.push({ atMs, message: { kind: 'end', atMs, ...gone } });
  }

  /** Whether any of it is media. */
  get hasPackets(): boolean {
    return [this.onWay, this.waiting].some((items) => items.some((item) => 'record' in item));
  }

  /** The recorder has everything before `seq`. */
  settle(seq: number): void {
    const count = Math.max(0, seq - this.firstSeq);
    const sent = this.onWay.splice(0, count);
    // As many as fit into the limit may wait: too many to be arguments of a call.
    const settled = sent.concat(this.takeWaiting(count - sent.length));
    for (const item of settled) if ('message' in item && item.message.kind === 'note') this.follow(item.message.note);
    this.firstSeq += settled.length;
  }

  /** After a lost connection: what is there goes out again, from `seq` on. */
  resumeAt(seq: number): void {
    this.settle(seq);
    this.callBack();
  }

  /**
   * What is there becomes the beginning of another track, which is paused if this one was.
   * @param nowMs when it begins if nothing is there
   * @returns when it begins
   */
  beginAnew(nowMs: number): number {
    this.callBack();
    this.firstSeq = 0;
    const startMs = this.waiting[0]?.atMs ?? nowMs;
    if (this.paused) {
      this.waiting.unshift(noteItem({ ...this.paused, atMs: startMs }));
      this.waitingBytes += itemBytes;
      // It waits to be acknowledged again.
      this.paused = undefined;
    }
    return startMs;
  }

  /** Hands out what has not been sent, as far as the line takes it: messages as text, packets in binary messages. */
  sendTo(line: FeedLine): void {
    let records: Uint8Array[] = [];
    let recordBytes = 0;
    let seq = this.firstSeq + this.onWay.length;
    const flush = (): void => {
      if (records.length > 0) line.sendBinary(encodePacketFrame(seq - records.length, records));
      [records, recordBytes] = [[], 0];
    };
    let count = 0;
    for (const item of this.waiting) {
      if ('record' in item) {
        if (recordBytes + item.record.length > mostFrameBytes) flush();
        if (records.length === 0 && line.isBusy) break;
        records.push(item.record);
        recordBytes += item.record.length;
      } else {
        flush();
        line.send({ ...item.message, seq });
      }
      seq++;
      count++;
    }
    flush();
    for (const item of this.takeWaiting(count)) this.onWay.push(item);
  }

  private push(item: Item): void {
    this.waiting.push(item);
    this.waitingBytes += sizeOf(item);
  }

  private takeWaiting(count: number): Item[] {
    const taken = this.waiting.splice(0, count);
    this.waitingBytes -= sumOf(taken);
    return taken;
  }

  /** What is on its way waits again. */
  private callBack(): void {
    this.waitingBytes += sumOf(this.onWay);
    this.waiting = [...this.onWay, ...this.waiting];
    this.onWay = [];
  }

  /** The packets of the oldest quarter of what waits; a note in their place says that they are gone. */
  private dropOldest(): number {
    const oldest = this.takeWaiting(Math.ceil(this.waiting.length / 4));
    const packets = oldest.filter((item) => 'record' in item);
    const kept = oldest.filter((item) => 'message' in item);
    if (packets.length > 0) {
      const [fromMs, toMs] = [packets[0]!.atMs, packets.at(-1)!.atMs];
      kept.unshift(noteItem({ kind: 'lost', atMs: fromMs, toMs, reason: 'recorder-down' }));
    }
    this.waiting = [...kept, ...this.waiting];
    this.waitingBytes += sumOf(kept);
    return packets.length;
  }

  private follow(note: TrackNote): void {
    if (note.kind === 'paused') this.paused = note;
    if (note.kind === 'resumed') this.paused = undefined;
  }
}

function noteItem(note: TrackNote): Message {
  return { atMs: note.atMs, message: { kind: 'note', note } };
}

function sizeOf(item: Item): number {
  return itemBytes + ('record' in item ? item.record.length : 0);
}

function sumOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + sizeOf(item), 0);
}
