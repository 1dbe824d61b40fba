import { SeqRanges } from '@rushes/timeline';

/**
 * Recognises events that a page sends again because an acknowledgement was lost. Holds the most recent `maxSources` page
 * loads of this process; what it has forgotten, or another gateway took, the timeline writer recognises.
 */
export class DuplicateFilter {
  readonly #bySource = new Map<string, SeqRanges>();

  constructor(private readonly maxSources = 10_000) {}

  has(recordingId: string, source: string, seq: number): boolean {
    return this.#bySource.get(`${recordingId} ${source}`)?.has({ source, seq }) ?? false;
  }

  /** To be called once the event is durable. */
  add(recordingId: string, source: string, seq: number): void {
    const key = `${recordingId} ${source}`;
    const ranges = this.#bySource.get(key) ?? new SeqRanges();
    this.#bySource.delete(key);
    this.#bySource.set(key, ranges);
    ranges.add({ source, seq });
    for (const oldest of this.#bySource.keys()) {
      if (this.#bySource.size <= this.maxSources) break;
      this.#bySource.delete(oldest);
    }
  }
}
