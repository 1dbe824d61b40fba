import type { EventEnvelope } from './envelope.ts';

/**
 * The one order of a recording's events: by recording clock, then by source, then as the source counted them.
 * Total over distinct events, so that every reader of the same events sees the same sequence.
 */
export function compareEvents(
  a: Pick<EventEnvelope, 'atms' | 'source' | 'seq'>,
  b: Pick<EventEnvelope, 'atms' | 'source' | 'seq'>,
): number {
  if (a.atms !== b.atms) return a.atms - b.atms;
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  return a.seq - b.seq;
}

/** Which `seq`s of one source were seen: all below `below`, and those in `others`. JSON-serialisable. */
export type SeenRange = { below: number; others: number[] };

/**
 * Recognises events that were delivered again. Sources count from 0 without holes when nothing is lost, so one number
 * a source is enough; what came out of order is kept until the hole is filled.
 */
export class SeenEvents {
  readonly #bySource = new Map<string, { below: number; others: Set<number> }>();

  /** Goes on from what {@link toJSON} gave. */
  static from(ranges: Readonly<Record<string, SeenRange>>): SeenEvents {
    const seen = new SeenEvents();
    for (const [source, range] of Object.entries(ranges)) {
      seen.#bySource.set(source, { below: range.below, others: new Set(range.others) });
    }
    return seen;
  }

  has(event: Pick<EventEnvelope, 'source' | 'seq'>): boolean {
    const range = this.#bySource.get(event.source);
    return range !== undefined && (event.seq < range.below || range.others.has(event.seq));
  }

  /** Returns whether this is the first time, and remembers it. */
  add(event: Pick<EventEnvelope, 'source' | 'seq'>): boolean {
    if (this.has(event)) return false;
    let range = this.#bySource.get(event.source);
    if (!range) this.#bySource.set(event.source, (range = { below: 0, others: new Set() }));
    range.others.add(event.seq);
    while (range.others.delete(range.below)) range.below++;
    return true;
  }

  toJSON(): Record<string, SeenRange> {
    return Object.fromEntries(
      [...this.#bySource].map(([source, { below, others }]) => [source, { below, others: [...others] }]),
    );
  }
}
