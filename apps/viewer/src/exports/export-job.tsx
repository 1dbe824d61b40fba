import type { JSX } from 'preact';
import type { Export } from '../api/types.ts';

/** One export: how far it is, or the file, or why there is none. */
export function ExportJob(props: {
  job: Export;
  fileUrl: string;
  downloadUrl: string;
  perspectives: Record<string, string>;
  onCancel: () => void;
}): JSX.Element {
  const { job, fileUrl, downloadUrl } = props;
  const { perspective, layout, width, height, fps } = job.request;
  const title = `${props.perspectives[perspective] ?? perspective}${perspective === 'room' ? `, ${layout}` : ''}`;
  const isRunning = job.status === 'queued' || job.status === 'running';
  return (
    <li class="export-job">
      <div class="export-head">
        <strong>{title}</strong>
        <span class="dim">
          {width} × {height}, {fps} fps
        </span>
      </div>
      {isRunning && (
        <div class="export-progress">
          <progress max={1} value={job.progress} aria-label="Export progress" />
          <span class="dim" aria-live="polite">
            {job.status === 'queued' ? 'waiting' : `${Math.round(job.progress * 100)} %`}
          </span>
          <button type="button" class="button" onClick={props.onCancel}>
            Cancel
          </button>
        </div>
      )}
      {job.status === 'done' && (
        <>
          <video class="export-video" controls preload="metadata" src={fileUrl} />
          <a class="button" href={downloadUrl} download={`${job.recordingId}-${job.exportId}.mp4`}>
            Download MP4
          </a>
        </>
      )}
      {job.status === 'cancelled' && <p class="dim">Cancelled.</p>}
      {job.status === 'failed' && (
        <p class="problem-text">Failed: {job.error?.message ?? 'the renderer gave no reason.'}</p>
      )}
    </li>
  );
}
