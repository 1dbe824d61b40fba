import type { Gap, Manifest, ManifestTrack } from '@rushes/timeline';
import { formatDuration, formatLength } from '../view/format.ts';
import { gapKind, nameReason, type GapKind } from './gap-kinds.ts';

/** What one participant sent of one source, over all their presences. */
export type Lane = {
  key: string;
  /** `Ada Lovelace · camera` */
  title: string;
  /** Where there were tracks, milliseconds on the recording clock. */
  spans: { fromMs: number; toMs: number }[];
  /** In order of time. */
  gaps: Gap[];
  tracks: ManifestTrack[];
};

/** Gaps of one kind as they are drawn: several are one where they would touch. */
export type DrawnGap = { fromMs: number; toMs: number; kind: GapKind; gaps: Gap[] };

const sources = { microphone: 'microphone', camera: 'camera', screen: 'screen', screenAudio: 'screen sound' } as const;
const sourceOrder: readonly string[] = Object.keys(sources);

/** By participant in order of joining, each with microphone, camera and screen. */
export function lanesOf({ participants, tracks, durationMs }: Manifest): Lane[] {
  const lanes = new Map<string, ManifestTrack[]>();
  const rank = (track: ManifestTrack) => {
    const index = participants.findIndex(({ participantId }) => participantId === track.participantId);
    return index < 0 ? participants.length : index;
  };
  const sorted = [...tracks].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      a.participantId.localeCompare(b.participantId) ||
      sourceOrder.indexOf(a.source) - sourceOrder.indexOf(b.source) ||
      a.startMs - b.startMs,
  );
  for (const track of sorted) {
    const key = `${track.participantId} ${track.source}`;
    lanes.set(key, [...(lanes.get(key) ?? []), track]);
  }
  return [...lanes].map(([key, ofLane]) => {
    const { participantId, source } = ofLane[0]!;
    const name = participants.find((each) => each.participantId === participantId)?.name ?? participantId;
    return {
      key,
      title: `${name} · ${sources[source]}`,
      spans: ofLane.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs ?? durationMs })),
      gaps: ofLane.flatMap(({ gaps }) => gaps).sort((a, b) => a.fromMs - b.fromMs),
      tracks: ofLane,
    };
  });
}

/** Gaps to draw, those of one kind nearer than `mergeMs` as one. Losses come last, to lie on top. */
export function drawnGaps(gaps: readonly Gap[], mergeMs: number): DrawnGap[] {
  const drawn: DrawnGap[] = [];
  for (const gap of gaps) {
    const kind = gapKind(gap.reason);
    const last = drawn.findLast((each) => each.kind === kind);
    if (last && gap.fromMs - last.toMs <= mergeMs) {
      last.toMs = Math.max(last.toMs, gap.toMs);
      last.gaps.push(gap);
    } else drawn.push({ fromMs: gap.fromMs, toMs: gap.toMs, kind, gaps: [gap] });
  }
  return drawn.sort((a, b) => Number(a.kind === 'loss') - Number(b.kind === 'loss'));
}

/** `network loss 2.4 s · muted 1:10 min`: how much is missing for each reason, losses first; '' for nothing. */
export function sumUp(gaps: readonly Gap[]): string {
  const sums = new Map<Gap['reason'], number>();
  for (const { reason, fromMs, toMs } of gaps) sums.set(reason, (sums.get(reason) ?? 0) + toMs - fromMs);
  return [...sums]
    .sort(([a], [b]) => Number(gapKind(b) === 'loss') - Number(gapKind(a) === 'loss'))
    .map(([reason, ms]) => `${nameReason(reason)} ${formatLength(ms)}`)
    .join(' · ');
}

/** Stretches told one by one; the others are counted. */
const mostTold = 8;

/** The lane in words, for who does not see it: `muted from 0:07 to 0:09, …`. */
export function tellGaps(gaps: readonly Gap[]): string {
  if (gaps.length === 0) return 'nothing is missing';
  const told = gaps
    .slice(0, mostTold)
    .map(
      ({ reason, fromMs, toMs }) => `${nameReason(reason)} from ${formatDuration(fromMs)} to ${formatDuration(toMs)}`,
    );
  const others = gaps.length - told.length;
  return [...told, ...(others > 0 ? [`${others} more`] : [])].join(', ');
}
