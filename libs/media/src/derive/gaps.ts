import type { Gap, GapReason } from '@rushes/timeline';
import type { Standstill } from '../sync/clock-steps.ts';
import type { TrackNote } from '../track/track-notes.ts';

/** Shorter stretches are not worth a line in a manifest: a packet or two that never came. */
const leastGapMs: Readonly<Partial<Record<GapReason, number>>> = {
  'network-loss': 30,
  dtx: 150,
  'layer-switch': 150,
};
/** Gaps of one reason nearer than this are one: DTX sends a packet every 400 ms. */
const joinWithinMs: Readonly<Partial<Record<GapReason, number>>> = { dtx: 1000, 'network-loss': 100 };
/** A pause is told over another connection than the media: its edges are this rough. */
const pauseEdgeMs = 300;
/** Of a standstill only the second's quickest packets are known. */
const standstillEdgeMs = 1000;

type Stretch = { fromMs: number; toMs: number; reason: GapReason };
type NotedStretch = Stretch & { edgeMs: number };

/** Collects stretches without media and says why they are missing. Times on the recording clock. */
export class GapList {
  private readonly stretches: Stretch[] = [];
  private readonly noted: readonly NotedStretch[];

  /** @param standstills of the sender's clock */
  constructor(notes: readonly TrackNote[], endMs: number, standstills: readonly Standstill[] = []) {
    const asleep = standstills.map((each) => ({ ...each, reason: 'sender-asleep' as const, edgeMs: standstillEdgeMs }));
    // What was said to have happened explains more than what the clocks show.
    this.noted = [...notedStretches(notes, endMs), ...asleep];
  }

  /** `otherwise`: the reason when the notes know none; undefined when the stretch is then no gap. */
  add(fromMs: number, toMs: number, otherwise: GapReason | undefined): void {
    if (toMs <= fromMs) return;
    const noted = this.noted.find((stretch) => explains(stretch, fromMs, toMs));
    const reason = noted?.reason ?? otherwise;
    if (reason) this.stretches.push({ fromMs, toMs, reason });
  }

  /** Ascending, joined, without what is too short; whole milliseconds, none below zero. */
  list(): Gap[] {
    const joined: Stretch[] = [];
    for (const stretch of [...this.stretches].sort((a, b) => a.fromMs - b.fromMs)) {
      const last = joined.at(-1);
      const isNear = last && stretch.fromMs - last.toMs <= (joinWithinMs[stretch.reason] ?? 1);
      if (isNear && last.reason === stretch.reason) last.toMs = Math.max(last.toMs, stretch.toMs);
      else joined.push({ ...stretch });
    }
    return joined
      .filter(({ fromMs, toMs, reason }) => toMs - fromMs >= (leastGapMs[reason] ?? 1))
      .map(({ fromMs, toMs, reason }) => ({
        fromMs: Math.max(0, Math.round(fromMs)),
        toMs: Math.max(0, Math.round(toMs)),
        reason,
      }))
      .filter(({ fromMs, toMs }) => toMs > fromMs);
  }
}

/** Pauses and the recorder's own failures. */
function notedStretches(notes: readonly TrackNote[], endMs: number): NotedStretch[] {
  const stretches: NotedStretch[] = [];
  let paused: { fromMs: number; reason: GapReason } | undefined;
  const closePause = (toMs: number): void => {
    if (paused) stretches.push({ ...paused, toMs, edgeMs: pauseEdgeMs });
    paused = undefined;
  };
  for (const note of notes) {
    if (note.kind === 'paused') paused ??= { fromMs: note.atMs, reason: note.reason };
    if (note.kind === 'resumed' || note.kind === 'ended') closePause(note.atMs);
    if (note.kind === 'lost') stretches.push({ fromMs: note.atMs, toMs: note.toMs, reason: note.reason, edgeMs: 0 });
  }
  closePause(endMs);
  return stretches;
}

/**
 * Whether what was noted is why a stretch is empty: they lie over each other but for the edges, and the stretch is no ordinary
 * interval between two pictures at such an edge.
 */
function explains({ edgeMs, ...noted }: NotedStretch, fromMs: number, toMs: number): boolean {
  const [wideFromMs, wideToMs] = [noted.fromMs - edgeMs, noted.toMs + edgeMs];
  const lengthMs = toMs - fromMs;
  const overlapMs = Math.min(wideToMs, toMs) - Math.max(wideFromMs, fromMs);
  if (overlapMs <= 0.5 * Math.min(lengthMs, wideToMs - wideFromMs)) return false;
  return lengthMs >= Math.min(edgeMs, 0.5 * (noted.toMs - noted.fromMs));
}
