import type { EventEnvelope } from '@rushes/timeline';

export type EventCount = { recordingId: string; type: string; count: number };
/** The highest `seq` counted of a source in a recording. */
export type SourceProgress = { recordingId: string; source: string; lastSeq: number };

/**
 * Counts by recording and type the events that `progress` does not cover yet. A source's events come in the order of their
 * `seq`, so one at or below the last counted is a repetition.
 * @param events in the order of the log
 */
export function countEvents(
  events: readonly EventEnvelope[],
  progress: readonly SourceProgress[],
): { counts: EventCount[]; progress: SourceProgress[] } {
  const counts = new Map<string, EventCount>();
  const lastSeqs = new Map(progress.map((entry) => [keyOf(entry.recordingId, entry.source), entry.lastSeq]));
  const changed = new Map<string, SourceProgress>();
  for (const { recordingid: recordingId, source, seq, type } of events) {
    const sourceKey = keyOf(recordingId, source);
    if (seq <= (lastSeqs.get(sourceKey) ?? -1)) continue;
    lastSeqs.set(sourceKey, seq);
    changed.set(sourceKey, { recordingId, source, lastSeq: seq });
    const count = counts.get(keyOf(recordingId, type)) ?? { recordingId, type, count: 0 };
    counts.set(keyOf(recordingId, type), { ...count, count: count.count + 1 });
  }
  return { counts: [...counts.values()], progress: [...changed.values()] };
}

function keyOf(...parts: string[]): string {
  return parts.join('\n');
}
