import { SeqRanges } from '@rushes/timeline';

/**
 * Recognises events that a page sends again because an acknowledgement was lost. Holds the most recent `maxSources` page
 * loads of this process; what it has forgotten, or another gateway took, the timeline writer recognises.
 */
export class DuplicateFilter {
  readonly #bySource = new Map<string, SeqRanges>();

  constructor(private readonly maxSources = 10_000) {}

  /** Those of a page load's events that are not known. */
  fresh<Event extends { seq: number }>(recordingId: string, source: string, events: readonly Event[]): Event[] {
    const ranges = this.#bySource.get(keyOf(recordingId, source));
    return ranges ? events.filter(({ seq }) => !ranges.has({ source, seq })) : [...events];
  }

  /** To be called once the events are durable. */
  add(recordingId: string, source: string, seqs: readonly number[]): void {
    const key = keyOf(recordingId, source);
    const ranges = this.#bySource.get(key) ?? new SeqRanges();
    this.#bySource.delete(key);
    this.#bySource.set(key, ranges);
    ranges.addAll({ [source]: runsOf(seqs) });
    for (const oldest of this.#bySource.keys()) {
      if (this.#bySource.size <= this.maxSources) break;
      this.#bySource.delete(oldest);
    }
  }
}

function keyOf(recordingId: string, source: string): string {
  return `${recordingId} ${source}`;
}

/** Rising numbers as `[first, last]` of each consecutive run. */
function runsOf(seqs: readonly number[]): [first: number, last: number][] {
  const runs: [number, number][] = [];
  let run: [number, number] | undefined;
  for (const seq of seqs) {
    if (run && run[1] + 1 === seq) run[1] = seq;
    else runs.push((run = [seq, seq]));
  }
  return runs;
}
