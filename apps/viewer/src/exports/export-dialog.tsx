import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Manifest } from '@rushes/timeline';
import type { ApiClient } from '../api/client.ts';
import { Icon } from '../view/icons.tsx';
import { ProblemNote } from '../view/problem-note.tsx';
import { ExportJob } from './export-job.tsx';
import { useExports } from './use-exports.ts';

const sizes = {
  '640x360': '360p',
  '1280x720': '720p',
  '1920x1080': '1080p',
};

/** Why nothing can be exported yet, by the recording's status. */
const impediments: Partial<Record<Manifest['status'], string>> = {
  recording: 'The recording still runs. An export is possible when it has ended.',
  processing:
    'The recording has ended and its files are being made. An export is possible in a moment: reload this page.',
};

/** Makes MP4 files of the recording, and lists those that were made. */
export function ExportDialog(props: {
  api: ApiClient;
  recordingId: string;
  manifest: Manifest;
  perspective: string;
  layout: 'grid' | 'speaker';
  onClose: () => void;
  onDeleted: () => void;
}): JSX.Element {
  const { api, manifest, recordingId, onClose } = props;
  const impediment = impediments[manifest.status];
  const dialog = useRef<HTMLDialogElement>(null);
  const [perspective, setPerspective] = useState(props.perspective);
  const [layout, setLayout] = useState(props.layout);
  const [size, setSize] = useState<string>('1280x720');
  const [fps, setFps] = useState('30');
  const [isSending, setSending] = useState(false);
  const exports = useExports(api, recordingId, props.onDeleted);
  useEffect(() => dialog.current?.showModal(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    const [width = 1280, height = 720] = size.split('x').map(Number);
    setSending(true);
    await exports.start({ perspective, layout, width, height, fps: Number(fps) });
    setSending(false);
  };

  return (
    <dialog class="dialog" ref={dialog} onClose={onClose} aria-labelledby="export-title">
      <header>
        <h2 id="export-title">Export as MP4</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      {impediment !== undefined && <p class="note">{impediment}</p>}
      {manifest.status === 'failed' && <p class="note">The recording is incomplete; an export holds what is there.</p>}
      <form class="export-form" onSubmit={(event) => void submit(event)}>
        <Choice
          label="Perspective"
          value={perspective}
          onChange={setPerspective}
          options={perspectiveNames(manifest)}
        />
        <Choice
          label="Layout"
          value={layout}
          isDisabled={perspective !== 'room'}
          onChange={(value) => setLayout(value === 'speaker' ? 'speaker' : 'grid')}
          options={{ grid: 'Grid', speaker: 'Speaker' }}
        />
        <Choice label="Size" value={size} onChange={setSize} options={sizes} />
        <Choice
          label="Frames a second"
          value={fps}
          onChange={setFps}
          options={{ 24: '24', 25: '25', 30: '30', 60: '60' }}
        />
        <button class="button button-main" type="submit" disabled={isSending || impediment !== undefined}>
          <Icon name="export" /> {isSending ? 'Asking…' : 'Start export'}
        </button>
      </form>
      {exports.error !== undefined && <ProblemNote error={exports.error} />}
      {exports.jobs.length > 0 && (
        <ul class="export-jobs" aria-label="Exports">
          {exports.jobs.map((job) => (
            <ExportJob
              key={job.exportId}
              job={job}
              fileUrl={api.exportFileUrl(job.exportId)}
              downloadUrl={api.exportFileUrl(job.exportId, true)}
              perspectives={perspectiveNames(manifest)}
              onCancel={() => void exports.cancel(job.exportId)}
            />
          ))}
        </ul>
      )}
    </dialog>
  );
}

function perspectiveNames(manifest: Manifest): Record<string, string> {
  return Object.fromEntries(manifest.perspectives.map(({ id, title }) => [id, title]));
}

function Choice(props: {
  label: string;
  value: string;
  options: Record<string, string>;
  isDisabled?: boolean;
  onChange: (value: string) => void;
}): JSX.Element {
  return (
    <label class="choice">
      <span>{props.label}</span>
      <select
        value={props.value}
        disabled={props.isDisabled ?? false}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {Object.entries(props.options).map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
