import type { Gap, GapReason } from '@rushes/timeline';

type TrackStretches = { startMs: number; endMs: number | null; gaps: readonly Gap[] };

/** What lies with the recorder, and so may have hit everybody at once. */
const recorderReasons = new Set<GapReason>(['recorder-down', 'spool-full']);
/** Who sends nothing on purpose says nothing about the recorder. */
const chosenReasons = new Set<GapReason>(['muted', 'camera-off', 'dtx']);

/**
 * Stretches in which the recorder had nothing of anybody: every track that ran and was not silent on purpose has a gap there, for a
 * reason that lies with the recorder. Ascending, joined.
 */
export function recordingGaps(tracks: readonly TrackStretches[]): Gap[] {
  const edges = new Set<number>();
  for (const { startMs, endMs, gaps } of tracks) {
    edges.add(startMs);
    if (endMs !== null) edges.add(endMs);
    for (const { fromMs, toMs } of gaps) edges.add(fromMs).add(toMs);
  }
  const found: Gap[] = [];
  const instants = [...edges].sort((a, b) => a - b);
  for (const [index, fromMs] of instants.slice(0, -1).entries()) {
    const toMs = instants[index + 1]!;
    const reason = reasonBetween(tracks, fromMs, toMs);
    const last = found.at(-1);
    if (reason && last?.toMs === fromMs && last.reason === reason) last.toMs = toMs;
    else if (reason) found.push({ fromMs, toMs, reason });
  }
  return found;
}

/** Nothing changes between the two instants. */
function reasonBetween(tracks: readonly TrackStretches[], fromMs: number, toMs: number): GapReason | undefined {
  let common: GapReason | undefined;
  for (const { startMs, endMs, gaps } of tracks) {
    if (startMs > fromMs || (endMs ?? Infinity) < toMs) continue;
    const reason = gaps.find((gap) => gap.fromMs <= fromMs && gap.toMs >= toMs)?.reason;
    if (reason && chosenReasons.has(reason)) continue;
    if (!reason || !recorderReasons.has(reason)) return undefined;
    common ??= reason;
  }
  return common;
}
