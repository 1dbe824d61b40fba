import type { LogRecord } from '../event-log.ts';

/** A consumer that keeps what it is handed, and lets a test wait for it. */
export class Collector {
  readonly records: LogRecord[] = [];
  #waiting: { count: number; resolve: () => void }[] = [];

  readonly onRecords = (records: readonly LogRecord[]): Promise<void> => {
    this.records.push(...records);
    for (const waiter of this.#waiting) if (waiter.count <= this.records.length) waiter.resolve();
    return Promise.resolve();
  };

  /** Resolves when so many records have come. */
  whenHolding(count: number): Promise<void> {
    if (this.records.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  get seqs(): number[] {
    return this.records.map((record) => record.event.seq);
  }

  /** The `seq`s of one recording, in the order in which they came. */
  seqsOf(recordingId: string): number[] {
    return this.records.filter(({ event }) => event.recordingid === recordingId).map(({ event }) => event.seq);
  }
}
