import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ApiClient } from '../api/client.ts';
import type { Recording } from '../api/types.ts';
import { formatDate, formatDuration, nameRecording } from '../view/format.ts';
import { Icon } from '../view/icons.tsx';
import { ProblemNote } from '../view/problem-note.tsx';
import { recordingAddress } from './address.ts';

const statusNames: Record<Recording['status'], string> = {
  recording: 'Live now',
  processing: 'Being prepared',
  ready: 'Ready',
  failed: 'Incomplete',
};

/** All recordings that the token opens, the newest first. */
export function ListPage({ api, onProblem }: { api: ApiClient; onProblem: (error: unknown) => void }): JSX.Element {
  const [recordings, setRecordings] = useState<Recording[] | undefined>();
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<unknown>();

  const load = (from?: string) =>
    api.listRecordings(from).then(
      (page) => {
        setRecordings((before) => [...(from === undefined ? [] : (before ?? [])), ...page.recordings]);
        setCursor(page.nextCursor);
      },
      (problem: unknown) => {
        setError(problem);
        onProblem(problem);
      },
    );
  useEffect(() => {
    document.title = 'Recordings · Rushes';
    void load();
  }, [api]);

  return (
    <main class="list-page">
      <header class="list-header">
        <h1>Recordings</h1>
        {recordings && recordings.length > 0 && <p class="dim">{recordings.length} shown, the newest first</p>}
      </header>
      {error !== undefined && <ProblemNote error={error} />}
      {!recordings && error === undefined && <p class="dim">Loading…</p>}
      {recordings?.length === 0 && (
        <div class="empty">
          <Icon name="film" />
          <h2>Nothing recorded yet</h2>
          <p class="dim">Start a meeting and press Record; the recording appears here while it still runs.</p>
        </div>
      )}
      <ul class="recordings">
        {recordings?.map((recording) => (
          <li key={recording.recordingId}>
            <RecordingCard api={api} recording={recording} />
          </li>
        ))}
      </ul>
      {cursor !== null && (
        <button class="button" type="button" onClick={() => void load(cursor)}>
          Show more
        </button>
      )}
    </main>
  );
}

function RecordingCard({ api, recording }: { api: ApiClient; recording: Recording }): JSX.Element {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    // A recording that has just begun has no manifest yet; the card does without names.
    api.participantNames(recording.recordingId).then(setNames, () => undefined);
  }, [api, recording.recordingId]);
  return (
    <a class="recording-card" href={recordingAddress(recording.recordingId)}>
      <span class={`status status-${recording.status}`}>{statusNames[recording.status]}</span>
      <strong>{nameRecording(recording)}</strong>
      <span class="dim">{formatDate(recording.recordedAt)}</span>
      <span class="recording-facts">
        <span>{recording.durationMs === null ? 'running' : formatDuration(recording.durationMs)}</span>
        {names.length > 0 && (
          <span>
            {names.length} {names.length === 1 ? 'participant' : 'participants'}
          </span>
        )}
      </span>
      {names.length > 0 && <span class="dim recording-names">{names.join(', ')}</span>}
    </a>
  );
}
