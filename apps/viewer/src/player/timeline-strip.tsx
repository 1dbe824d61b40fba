import type { JSX } from 'preact';
import type { Gap, Manifest, RoomState } from '@rushes/timeline';
import { gapKind, nameReason } from '../tracks/gap-kinds.ts';
import { formatDuration, formatLength } from '../view/format.ts';

/** More would fill the page; the tracks' lanes have them all. */
const mostLosses = 8;
/** A track's gap is the recording's when so much of it is: each track's begins with its own last packet. */
const saidShare = 0.9;

/** The recording's length with what happened in it: markers, messages, polls, and where something is missing. */
export function TimelineStrip(props: {
  manifest: Manifest;
  whole: RoomState | undefined;
  currentMs: number;
  onJump: (atMs: number) => void;
}): JSX.Element {
  const { manifest, whole, currentMs, onJump } = props;
  const { durationMs } = manifest;
  const at = (atMs: number) => `${durationMs === 0 ? 0 : Math.min(100, (100 * atMs) / durationMs)}%`;
  const gaps = missingStretches(manifest);
  return (
    <div class="strip">
      {/* The seek bar does the same for those who do not point. */}
      <div
        class="strip-track"
        aria-hidden="true"
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          onJump(((event.clientX - box.left) / box.width) * durationMs);
        }}
      >
        {gaps.map((gap) => (
          <span
            key={`${gap.fromMs}-${gap.toMs}-${gap.what}`}
            class="strip-gap"
            style={{ left: at(gap.fromMs), width: at(gap.toMs - gap.fromMs) }}
            title={gap.what}
          />
        ))}
        {whole?.chat.map((message) => (
          <span key={message.messageId} class="strip-dot" style={{ left: at(message.atMs) }} />
        ))}
        {whole?.polls.map((poll) => (
          <span key={poll.pollId} class="strip-dot strip-poll" style={{ left: at(poll.openedAtMs) }} />
        ))}
        <span class="strip-head" style={{ left: at(currentMs) }} />
      </div>
      {(manifest.markers.length > 0 || gaps.length > 0) && (
        <ul class="strip-list" aria-label="Markers and gaps">
          {manifest.markers.map((marker) => (
            <li key={`${marker.atMs}-${marker.label}`}>
              <button type="button" class="chip" onClick={() => onJump(marker.atMs)}>
                <b>{formatDuration(marker.atMs)}</b> {marker.label}
              </button>
            </li>
          ))}
          {gaps.map((gap) => (
            <li key={`${gap.fromMs}-${gap.what}`}>
              <button type="button" class="chip chip-gap" onClick={() => onJump(gap.fromMs)}>
                <b>{formatDuration(gap.fromMs)}</b> {gap.what}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

type Missing = { fromMs: number; toMs: number; whose: string; reason: Gap['reason'] };

/**
 * The longest stretches of at least a second in which something was lost, for the whole recording or of one participant's tracks and
 * pages, in order of time. What the whole recording misses is not said of each participant again, nor what a camera misses of its microphone.
 */
function missingStretches(manifest: Manifest): { fromMs: number; toMs: number; what: string }[] {
  const names = new Map(manifest.participants.map((participant) => [participant.participantId, participant.name]));
  const isLoss = (gap: Gap) => gapKind(gap.reason) === 'loss' && gap.toMs - gap.fromMs >= 1000;
  const found: Missing[] = manifest.gaps.filter(isLoss).map((gap) => ({ ...gap, whose: '' }));
  const ofTracks = manifest.tracks.flatMap(({ participantId, gaps }) =>
    gaps.filter(isLoss).map((gap) => ({ ...gap, whose: `${names.get(participantId) ?? 'Somebody'}: ` })),
  );
  const ofPages = manifest.timeline.surfaces.flatMap(({ participantId, gaps }) =>
    gaps.filter(isLoss).map((gap) => ({ ...gap, whose: `${names.get(participantId ?? '') ?? 'Somebody'}: ` })),
  );
  for (const gap of [...ofTracks, ...ofPages].sort((a, b) => a.fromMs - b.fromMs)) {
    const said = found.find((each) => each.reason === gap.reason && isSaidBy(each, gap));
    if (!said) found.push(gap);
    else if (said.whose !== '') said.toMs = Math.max(said.toMs, gap.toMs);
  }
  return found
    .sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))
    .slice(0, mostLosses)
    .sort((a, b) => a.fromMs - b.fromMs)
    .map(({ fromMs, toMs, whose, reason }) => {
      return { fromMs, toMs, what: `${whose}${nameReason(reason)}, ${formatLength(toMs - fromMs)}` };
    });
}

function isSaidBy(said: Missing, { fromMs, toMs, whose }: Missing): boolean {
  const overlapMs = Math.min(said.toMs, toMs) - Math.max(said.fromMs, fromMs);
  return said.whose === '' ? overlapMs > saidShare * (toMs - fromMs) : said.whose === whose && overlapMs > 0;
}
