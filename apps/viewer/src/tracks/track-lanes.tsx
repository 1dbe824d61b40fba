import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Manifest, ManifestTrack } from '@rushes/timeline';
import { formatDuration } from '../view/format.ts';
import { gapKind } from './gap-kinds.ts';
import { drawnGaps, lanesOf, sumUp, tellGaps, type DrawnGap, type Lane } from './lanes.ts';

/** Gaps nearer to each other than this share of the length would touch on a screen. */
const mergeShare = 1 / 400;
/** A finger or pointer this near, as a share of the length, means a gap. */
const touchShare = 1 / 60;

/**
 * Every participant's tracks over the recording's length: where they ran, where they were silent or dark on purpose, and what was
 * lost. Open by itself when something was lost.
 */
export function TrackLanes(props: {
  manifest: Manifest;
  currentMs: number;
  onJump: (atMs: number) => void;
}): JSX.Element | null {
  const { manifest, currentMs, onJump } = props;
  const [showsSilence, setShowsSilence] = useState(false);
  const [isOpen, setOpen] = useState<boolean | undefined>(undefined);
  const lanes = useMemo(() => lanesOf(manifest), [manifest]);
  const losses = lanes.flatMap(({ gaps }) => gaps.filter(({ reason }) => gapKind(reason) === 'loss'));
  const hasSilence = lanes.some(({ gaps }) => gaps.some(({ reason }) => gapKind(reason) === 'silence'));
  if (lanes.length === 0) return null;
  const isShown = isOpen ?? losses.length > 0;
  return (
    <details class="lanes" open={isShown} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <b>Tracks</b>{' '}
        <span class="dim">{losses.length > 0 ? `Lost, over all tracks: ${sumUp(losses)}` : 'Nothing was lost'}</span>
      </summary>
      {isShown && (
        <>
          <p class="lanes-key dim">
            <span>
              <i class="lane-sample lane-chosen" /> muted or off
            </span>
            <span>
              <i class="lane-sample lane-loss" /> lost
            </span>
            {hasSilence && (
              <label>
                <input type="checkbox" checked={showsSilence} onChange={() => setShowsSilence(!showsSilence)} /> silence
                that was not sent
              </label>
            )}
          </p>
          <ul class="lanes-list">
            {lanes.map((lane) => (
              <TrackLane key={lane.key} {...{ lane, manifest, currentMs, showsSilence, onJump }} />
            ))}
          </ul>
        </>
      )}
    </details>
  );
}

function TrackLane(props: {
  lane: Lane;
  manifest: Manifest;
  currentMs: number;
  showsSilence: boolean;
  onJump: (atMs: number) => void;
}): JSX.Element {
  const { lane, manifest, currentMs, showsSilence, onJump } = props;
  const { durationMs } = manifest;
  const [pointed, setPointed] = useState<DrawnGap | undefined>(undefined);
  const [isDetailed, setDetailed] = useState(false);
  const gaps = lane.gaps.filter(({ reason }) => showsSilence || gapKind(reason) !== 'silence');
  const drawn = drawnGaps(gaps, durationMs * mergeShare);
  const place = (fromMs: number, toMs = fromMs) => {
    const share = (atMs: number) => (durationMs === 0 ? 0 : Math.min(100, (100 * atMs) / durationMs));
    return { left: `${share(fromMs)}%`, width: `${share(toMs) - share(fromMs)}%` };
  };
  const instantOf = (event: MouseEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    return ((event.clientX - left) / width) * durationMs;
  };
  const point = (atMs: number) => setPointed(nearestGap(drawn, atMs, durationMs * touchShare));
  return (
    <li class="lane">
      <div class="lane-head">
        <button type="button" class="lane-title" aria-expanded={isDetailed} onClick={() => setDetailed(!isDetailed)}>
          {lane.title}
        </button>
        <span class="lane-facts dim">{pointed ? tellPointed(pointed) : sumUp(gaps)}</span>
      </div>
      <div
        class="lane-bar"
        role="img"
        aria-label={`${lane.title}: ${tellGaps(gaps)}`}
        onPointerMove={(event) => point(instantOf(event))}
        onPointerLeave={() => setPointed(undefined)}
        onClick={(event) => {
          point(instantOf(event));
          onJump(instantOf(event));
        }}
      >
        {lane.spans.map(({ fromMs, toMs }) => (
          <span key={fromMs} class="lane-span" style={place(fromMs, toMs)} />
        ))}
        {drawn.map(({ fromMs, toMs, kind }) => (
          <span key={`${kind} ${fromMs}`} class={`lane-gap lane-${kind}`} style={place(fromMs, toMs)} />
        ))}
        <span class="lane-head-line" style={{ left: place(currentMs).left }} />
      </div>
      {isDetailed && (
        <ul class="lane-details dim">
          {lane.tracks.map((track) => (
            <li key={track.trackId}>{tellTrack(track)}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** Losses before what was chosen, for they may be narrow. */
function nearestGap(drawn: readonly DrawnGap[], atMs: number, withinMs: number): DrawnGap | undefined {
  const distance = ({ fromMs, toMs }: DrawnGap) => Math.max(0, fromMs - atMs, atMs - toMs);
  return [...drawn]
    .filter((gap) => distance(gap) <= withinMs)
    .sort((a, b) => distance(a) - distance(b) || a.toMs - a.fromMs - (b.toMs - b.fromMs))[0];
}

function tellPointed({ fromMs, toMs, gaps }: DrawnGap): string {
  return `${formatDuration(fromMs)}–${formatDuration(toMs)} ${sumUp(gaps)}`;
}

/** What the file is, and how well its clock is known. */
function tellTrack({ trackId, codec, media, sync, startMs, endMs }: ManifestTrack): string {
  const facts = [
    `${formatDuration(startMs)}–${endMs === null ? 'now' : formatDuration(endMs)}`,
    codec.replace(/^.*\//, ''),
    media?.width && media.height ? `${media.width} × ${media.height}` : '',
    media ? `${(media.sizeBytes / 1e6).toFixed(1)} MB` : 'no file',
    sync?.method === 'sender-reports' ? `clock from ${sync.senderReports} sender reports` : '',
    sync?.method === 'arrival-envelope' ? 'clock from arrivals, without sender reports' : '',
    sync?.method === 'sender-reports' ? `95 % of them within ${sync.residualP95Ms.toFixed(1)} ms` : '',
    sync ? `drift ${sync.driftPpm.toFixed(0)} ppm` : '',
    sync?.outliers ? `${sync.outliers} left out` : '',
    trackId,
  ];
  return facts.filter((fact) => fact !== '').join(' · ');
}
