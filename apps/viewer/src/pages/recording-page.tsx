import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Layout, PerspectiveId, PlayerError, RushesPlayer } from '@rushes/player';
import type { ApiClient } from '../api/client.ts';
import { ApiProblem } from '../api/problem.ts';
import { ExportDialog } from '../exports/export-dialog.tsx';
import { SidePanel } from '../panels/side-panel.tsx';
import { PlayerFrame } from '../player/player-frame.tsx';
import { TimelineStrip } from '../player/timeline-strip.tsx';
import { TrackLanes } from '../tracks/track-lanes.tsx';
import { useKeys } from '../player/use-keys.ts';
import { usePlayer } from '../player/use-player.ts';
import { formatDate, nameRecording } from '../view/format.ts';
import { Icon } from '../view/icons.tsx';
import { ProblemNote } from '../view/problem-note.tsx';
import { DeletedPage } from './deleted-page.tsx';

/** One recording: the player, what happened beside it, and exports. */
export function RecordingPage(props: {
  api: ApiClient;
  recordingId: string;
  startSeconds: number | null;
  onProblem: (error: unknown) => void;
}): JSX.Element {
  const { api, recordingId, startSeconds, onProblem } = props;
  const [player, setPlayer] = useState<RushesPlayer | null>(null);
  const [perspective, setPerspective] = useState<PerspectiveId>('room');
  const [layout, setLayout] = useState<Layout>('grid');
  const [isExporting, setExporting] = useState(false);
  const [isDeleted, setDeleted] = useState(false);
  const { manifest, now, whole, currentMs, error } = usePlayer(player);
  useKeys(player);
  const title = isDeleted ? 'Deleted recording' : manifest ? nameRecording(manifest) : 'Recording';

  useEffect(() => {
    document.title = `${title} · Rushes`;
  }, [title]);
  useEffect(() => {
    if (player && startSeconds !== null) player.currentTime = startSeconds;
  }, [player, startSeconds]);
  useEffect(() => {
    if (error?.code === 'unauthorised') onProblem(new ApiProblem(401, 'Not authenticated', error.message));
    // Nothing stored yet, or nothing any more: the recording itself tells.
    if (error?.code === 'not-found') {
      api.getRecording(recordingId).catch((problem: unknown) => {
        if (problem instanceof ApiProblem && problem.status === 404) setDeleted(true);
      });
    }
  }, [error]);

  const jump = (atMs: number) => {
    if (player) player.currentTime = atMs / 1000;
  };
  if (isDeleted) return <DeletedPage />;
  return (
    <main class="recording-page">
      <header class="recording-header">
        <a class="icon-button" href="/" aria-label="All recordings">
          <Icon name="back" />
        </a>
        <div class="recording-title">
          <h1>{title}</h1>
          {manifest && <span class="dim">{formatDate(manifest.recordedAt)}</span>}
          {manifest && manifest.status !== 'ready' && (
            <span class={`status status-${manifest.status}`}>{statusText[manifest.status]}</span>
          )}
        </div>
        <button class="button button-main" type="button" disabled={!manifest} onClick={() => setExporting(true)}>
          <Icon name="export" /> Export
        </button>
      </header>
      <section class="recording-main">
        {error && <ProblemNote error={explain(error)} />}
        <PlayerFrame
          src={api.manifestUrl(recordingId)}
          token={api.token}
          perspective={perspective}
          layout={layout}
          onPlayer={setPlayer}
        />
        {manifest && (
          <>
            <div class="view-choice">
              <label class="choice">
                <span>View</span>
                <select
                  value={perspective}
                  onChange={(event) => setPerspective(event.currentTarget.value as PerspectiveId)}
                >
                  {manifest.perspectives.map(({ id, title }) => (
                    <option key={id} value={id}>
                      {title}
                    </option>
                  ))}
                </select>
              </label>
              {perspective === 'room' && (
                <div class="segmented" role="radiogroup" aria-label="Layout">
                  {(['grid', 'speaker'] as const).map((id) => (
                    <label key={id}>
                      <input type="radio" name="layout" checked={layout === id} onChange={() => setLayout(id)} />
                      <span>{id === 'grid' ? 'Grid' : 'Speaker'}</span>
                    </label>
                  ))}
                </div>
              )}
            </div>
            <TimelineStrip manifest={manifest} whole={whole} currentMs={currentMs} onJump={jump} />
            <TrackLanes manifest={manifest} currentMs={currentMs} onJump={jump} />
          </>
        )}
      </section>
      {manifest && <SidePanel manifest={manifest} now={now} whole={whole} currentMs={currentMs} onJump={jump} />}
      {manifest && isExporting && (
        <ExportDialog
          {...{ api, recordingId, manifest, perspective, layout }}
          onClose={() => setExporting(false)}
          onDeleted={() => setDeleted(true)}
        />
      )}
    </main>
  );
}

const statusText = { recording: 'Live now', processing: 'Being prepared', failed: 'Incomplete' } as const;

function explain(error: PlayerError): ApiProblem {
  const titles: Partial<Record<PlayerError['code'], string>> = {
    'not-found': 'There is nothing to play yet',
    unreachable: 'No answer',
    'play-not-allowed': 'Press play once more',
    unauthorised: 'Not allowed',
  };
  const details: Partial<Record<PlayerError['code'], string>> = {
    'not-found': 'The first seconds of a recording take a moment to be stored. Reload this page shortly.',
  };
  const detail = details[error.code] ?? error.message;
  return new ApiProblem(0, titles[error.code] ?? 'The recording cannot be played', detail, [], { cause: error });
}
