import type { LogRecord, TopicPartition } from '@rushes/event-log';

/** What became of the records of each partition since its last checkpoint. */
export class PartitionProgress {
  /** The newest record that was handed over. */
  readonly #handed = new Map<string, LogRecord>();
  /** Offsets of dead letters: a batch that fails for another record is handed over again. */
  readonly #setAside = new Map<string, Set<number>>();

  handed(record: LogRecord): void {
    this.#handed.set(partitionName(record), record);
  }

  setAside(record: LogRecord): void {
    const name = partitionName(record);
    this.#setAside.set(name, (this.#setAside.get(name) ?? new Set()).add(record.offset));
  }

  isSetAside(record: LogRecord): boolean {
    return this.#setAside.get(partitionName(record))?.has(record.offset) ?? false;
  }

  /** What is to be checkpointed. */
  newest(): LogRecord[] {
    return [...this.#handed.values()];
  }

  /** It is checkpointed up to this record. */
  settle(record: LogRecord): void {
    const name = partitionName(record);
    if (this.#handed.get(name) === record) this.forget(name);
  }

  forget(name: string): void {
    this.#handed.delete(name);
    this.#setAside.delete(name);
  }
}

export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
