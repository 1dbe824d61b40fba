import type { KafkaMessage } from 'kafkajs';
import type { TopicPartition } from '../../event-log.ts';

/**
 * A partition while this member has it, from one assignment to the next: what has been fetched and waits, and how far the
 * work has come. Offsets are those of the next record.
 */
export class PartitionState {
  readonly #waiting: KafkaMessage[] = [];
  /** Offsets that were passed over and nobody will checkpoint. */
  readonly #passed = new Set<number>();
  /** To be fetched next; undefined until the checkpoint has been read. */
  #fetched: number | undefined;
  #done = 0;
  #checkpointed = 0;
  #waitingBytes = 0;
  /** The first offset of a batch that did not follow on, until it has come again. */
  #suspected: number | undefined;
  isPaused = true;
  isRevoked = false;
  /** Something has been taken out, which the consumer may hold. */
  wasHandedOver = false;

  constructor(
    readonly at: TopicPartition,
    /** The cluster's name of the topic. */
    readonly topicName: string,
  ) {}

  get isReady(): boolean {
    return this.#fetched !== undefined && !this.isRevoked;
  }
  get waitingBytes(): number {
    return this.#waitingBytes;
  }
  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }
  get done(): number {
    return this.#done;
  }
  /** Where to fetch from. */
  get next(): number {
    return this.#fetched ?? 0;
  }

  /** @param checkpointed undefined when the group has none */
  begin(offset: number, checkpointed: number | undefined): void {
    this.#fetched = this.#done = offset;
    this.#checkpointed = checkpointed ?? 0;
  }

  /**
   * Takes fetched messages in.
   * @returns false when some before them are missing: they are to be fetched again from {@link next}. kafkajs hands over a
   * batch that was under way during a rebalance. A gap that comes again is one in the log.
   */
  accept(messages: readonly KafkaMessage[], last: number): boolean {
    const first = messages[0];
    if (first && Number(first.offset) > this.next && this.#suspected !== Number(first.offset)) {
      this.#suspected = Number(first.offset);
      return false;
    }
    this.#suspected = undefined;
    for (const message of messages) {
      if (Number(message.offset) < this.next) continue;
      this.#waiting.push(message);
      this.#waitingBytes += sizeOf(message);
    }
    this.#fetched = Math.max(this.next, last + 1);
    return true;
  }

  /** Takes the first messages out: at most `mostRecords`, and no more once `mostBytes` are reached. */
  take(mostRecords: number, mostBytes: number): KafkaMessage[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && count < mostRecords && bytes < mostBytes) {
      bytes += sizeOf(this.#waiting[count]!);
      count += 1;
    }
    this.#waitingBytes -= bytes;
    this.wasHandedOver = true;
    return this.#waiting.splice(0, count);
  }

  /** Everything before `offset` has been handed over and taken. */
  advance(offset: number): void {
    this.#done = Math.max(this.#done, offset);
  }

  /**
   * A record was set aside before it was handed over.
   * @returns the offset to checkpoint, if all before it is
   */
  passOver(offset: number): number | undefined {
    this.#passed.add(offset);
    const reached = this.#reach(this.#checkpointed);
    return reached > this.#checkpointed ? reached : undefined;
  }

  /** @returns the offset to checkpoint when everything before `offset` is done; undefined when it is behind the checkpoint */
  checkpointAfter(offset: number): number | undefined {
    return offset <= this.#checkpointed ? undefined : this.#reach(offset);
  }

  noteCheckpoint(offset: number): void {
    this.#checkpointed = Math.max(this.#checkpointed, offset);
    for (const passed of this.#passed) if (passed < this.#checkpointed) this.#passed.delete(passed);
  }

  #reach(offset: number): number {
    let reached = offset;
    while (this.#passed.has(reached)) reached += 1;
    return reached;
  }
}

function sizeOf({ value }: KafkaMessage): number {
  return (value?.length ?? 0) + 64;
}
