import type { EventEnvelope } from './envelope.ts';

/** By `source`: ascending, disjoint `[first, last]` ranges of `seq`, both ends included. JSON-serialisable. */
export type SeqRangesBySource = Record<string, [first: number, last: number][]>;

/** A set of `source` + `seq` pairs that stays small while the numbers of a source are mostly consecutive. */
export class SeqRanges {
  readonly #bySource = new Map<string, [number, number][]>();

  constructor(initial: SeqRangesBySource = {}) {
    this.addAll(initial);
  }

  /** Returns whether the event is new to the set, and adds it. */
  add({ source, seq }: Pick<EventEnvelope, 'source' | 'seq'>): boolean {
    const ranges = this.rangesOf(source);
    const index = firstAtOrAfter(ranges, seq);
    const range = ranges[index];
    if (range && range[0] <= seq) return false;
    insert(ranges, index, [seq, seq]);
    return true;
  }

  has({ source, seq }: Pick<EventEnvelope, 'source' | 'seq'>): boolean {
    const ranges = this.#bySource.get(source) ?? [];
    const range = ranges[firstAtOrAfter(ranges, seq)];
    return range !== undefined && range[0] <= seq;
  }

  addAll(others: SeqRangesBySource): void {
    for (const [source, ranges] of Object.entries(others)) {
      for (const range of ranges) this.addRange(this.rangesOf(source), range);
    }
  }

  toJSON(): SeqRangesBySource {
    return Object.fromEntries([...this.#bySource].map(([source, ranges]) => [source, ranges.map((each) => [...each])]));
  }

  private addRange(ranges: [number, number][], [first, last]: readonly [number, number]): void {
    const index = firstAtOrAfter(ranges, first);
    const merged: [number, number] = [first, last];
    while (index < ranges.length && ranges[index]![0] <= last) {
      merged[0] = Math.min(merged[0], ranges[index]![0]);
      merged[1] = Math.max(merged[1], ranges[index]![1]);
      ranges.splice(index, 1);
    }
    insert(ranges, index, merged);
  }

  private rangesOf(source: string): [number, number][] {
    let ranges = this.#bySource.get(source);
    if (!ranges) this.#bySource.set(source, (ranges = []));
    return ranges;
  }
}

/** Index of the first range that ends at or after `seq`. */
function firstAtOrAfter(ranges: readonly [number, number][], seq: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]![1] < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts a range where it belongs and joins it with neighbours that touch it. */
function insert(ranges: [number, number][], index: number, range: [number, number]): void {
  const before = ranges[index - 1];
  const after = ranges[index];
  const touchesBefore = before !== undefined && before[1] + 1 === range[0];
  const touchesAfter = after !== undefined && after[0] - 1 === range[1];
  if (touchesBefore && touchesAfter) {
    before[1] = after[1];
    ranges.splice(index, 1);
  } else if (touchesBefore) before[1] = range[1];
  else if (touchesAfter) after[0] = range[0];
  else ranges.splice(index, 0, range);
}
