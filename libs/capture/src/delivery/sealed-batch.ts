/** Events that were put together for sending; kept as text, so that they are turned into JSON once. */
export type SealedBatch = {
  recordingId: string;
  participantId: string;
  /** `participants/<participantId>/<captureId>` of the page load that emitted them. */
  source: string;
  firstSeq: number;
  count: number;
  /** A JSON array of {@link SealedEvent}. */
  json: string;
  /** Epoch milliseconds; what is older than a day is forgotten. */
  sealedAt: number;
};

export type SealedEvent = { seq: number; type: string; atMs: number; data: unknown };

/** The text of a `batch` message, without parsing the events again. */
export function batchMessage(batchId: number, batch: SealedBatch): string {
  return `{"kind":"batch","batchId":${batchId},"source":${JSON.stringify(batch.source)},"events":${batch.json}}`;
}

/** What is left of a batch when one event is refused, and what goes: everything when the refusal names no event of it. */
export function withoutEvent(
  batch: SealedBatch,
  seq: number | undefined,
): { rest: SealedBatch | undefined; dropped: SealedEvent[] } {
  const events = JSON.parse(batch.json) as SealedEvent[];
  const rest = events.filter((event) => event.seq !== seq);
  const first = rest[0];
  if (seq === undefined || first === undefined || rest.length === events.length)
    return { rest: undefined, dropped: events };
  return {
    rest: { ...batch, firstSeq: first.seq, count: rest.length, json: JSON.stringify(rest) },
    dropped: events.filter((event) => event.seq === seq),
  };
}
