/** Where something stands: on the clock that import.json counts by, or the wall clock. */
export type Anchor = { ms: number } | { epochMs: number };

/** Clocks that are further off than this are wrong, not skewed. */
const dayMs = 24 * 3_600_000;

/** The recording's clock, from all the clocks that an import's files go by. */
export class ImportClock {
  private constructor(
    /** Epoch milliseconds of the recording clock's zero. */
    readonly recordedAt: number,
    /** What import.json calls 0, on the recording clock. */
    private readonly zeroMs: number,
  ) {}

  /**
   * The recording begins at `declared`, or before it with the earliest of what the wall clock places, so that nothing lies before its
   * beginning. Without `declared` it begins with the earliest; and `nowMs` when nothing says what the wall clock was.
   */
  static of(anchors: readonly Anchor[], declared: number | undefined, nowMs: number): ImportClock {
    const instants = anchors.flatMap((anchor) => ('epochMs' in anchor ? [anchor.epochMs] : []));
    if (declared !== undefined) instants.push(declared);
    const recordedAt = Math.floor(instants.length === 0 ? nowMs : Math.min(...instants));
    return new ImportClock(recordedAt, declared === undefined ? 0 : declared - recordedAt);
  }

  /** On the recording clock, milliseconds. */
  place(anchor: Anchor): number {
    return 'ms' in anchor ? anchor.ms + this.zeroMs : anchor.epochMs - this.recordedAt;
  }
}

/** The anchors that lie more than a day from when the meeting was: from `declared`, else from most of the others. */
export function strayAnchors(anchors: readonly Anchor[], declared: number | undefined): Set<Anchor> {
  const instants = anchors.flatMap((anchor) => ('epochMs' in anchor ? [anchor.epochMs] : [])).sort((a, b) => a - b);
  const middle = declared ?? instants[Math.floor((instants.length - 1) / 2)];
  return new Set(
    anchors.filter(
      (anchor) => 'epochMs' in anchor && middle !== undefined && Math.abs(anchor.epochMs - middle) > dayMs,
    ),
  );
}
