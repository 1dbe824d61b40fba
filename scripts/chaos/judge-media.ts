import { join } from 'node:path';
import type { Manifest, TrackMedia } from '@rushes/timeline';
import type { CameraMoment } from '../../test/content/camera-log.ts';
import { judgeFilm, quantile } from '../../test/content/judge.ts';
import type { Voice } from '../../test/content/signal.ts';
import type { ApiClient } from '../demo/api-client.ts';
import { personName } from './chaos-meeting.ts';

/** A track that began this shortly before a kill had not been under way. Milliseconds. */
const underWayMs = 3_000;

/**
 * How much media a kill of the recorder cost: for each track that was under way, from the last stored packet to the kill.
 * @param killedAt epoch milliseconds
 * @returns milliseconds of the worst track; undefined when no track was under way
 */
export function mediaLostMs(manifest: Manifest, killedAt: number): number | undefined {
  const killedAtMs = killedAt - manifest.recordedAt;
  const losses = manifest.tracks
    .filter(({ startMs }) => startMs < killedAtMs - underWayMs)
    .map(({ media }) => (media === null ? Infinity : Math.max(0, killedAtMs - media.startMs - media.durationMs)));
  return losses.length === 0 ? undefined : Math.max(...losses);
}

export type ExportJudgement = {
  isOk: boolean;
  /** What is wrong. */
  why: string;
  /** Sound against picture, milliseconds: each person's median. */
  offsetsMs: number[];
};

const size = { width: 640, height: 360, fps: 30 };
/** Sound against picture, median; on a machine that is busy killing, the fake devices themselves drift. Milliseconds. */
const largestOffsetMs = 200;
/** A fake camera that falls behind by more than this between two looks at it tells nothing then; less than what is looked for. Milliseconds. */
const toleratedMs = 150;
/** Of fewer there is no median. */
const fewestFlashes = 3;

/** Exports a stretch of a recording and judges it by what it shows and plays. */
export async function judgeExport(options: {
  api: ApiClient;
  manifest: Manifest;
  /** On the recording clock. */
  fromMs: number;
  toMs: number;
  folder: string;
  voices: readonly Voice[];
  cameras: readonly (readonly CameraMoment[])[];
}): Promise<ExportJudgement> {
  const { api, manifest, fromMs, toMs, folder, voices, cameras } = options;
  const request = { perspective: 'room', layout: 'grid', ...size, fromMs, toMs };
  const exportId = await api.createExport(manifest.recordingId, request);
  await api.whenExportDone(exportId);
  const path = join(folder, `${exportId}.mp4`);
  await api.download(`/v1/exports/${exportId}/file`, path);
  const source = { recordedAt: manifest.recordedAt + fromMs, cameras, toleratedMs };
  const judgements = await judgeFilm({ path, ...size }, voices, source);
  const from = manifest.recordedAt + fromMs;
  const faults = judgements.flatMap(({ flashes, steadyFlashes, offsetsMs }, index) => {
    const offsetMs = quantile(offsetsMs, 0.5);
    const tracks = cameraTracksOf(manifest, index);
    if (tracks.length === 0) return [`person ${index + 1}: no camera`];
    // Who comes back late after a kill is there from then on only.
    const due = tracks.reduce((sum, { startMs, durationMs }) => {
      const begin = Math.max(from, manifest.recordedAt + startMs);
      const end = Math.min(manifest.recordedAt + toMs, manifest.recordedAt + startMs + durationMs);
      return sum + flashesDue(cameras[index] ?? [], begin, end);
    }, 0);
    if (flashes.length < 0.6 * due - 1) return [`person ${index + 1}: ${flashes.length} flashes of ${due}`];
    if (steadyFlashes < fewestFlashes) return [`person ${index + 1}: a camera too unsteady to be judged`];
    if (offsetsMs.length < steadyFlashes / 2) return [`person ${index + 1}: ${offsetsMs.length} beeps`];
    return Math.abs(offsetMs) > largestOffsetMs ? [`person ${index + 1}: sound ${offsetMs.toFixed(0)} ms off`] : [];
  });
  const offsetsMs = judgements.map((judgement) => quantile(judgement.offsetsMs, 0.5));
  return { isOk: faults.length === 0, why: faults.join('; '), offsetsMs };
}

function cameraTracksOf({ participants, tracks }: Manifest, index: number): TrackMedia[] {
  const person = participants.find(({ name }) => name === personName(index));
  return tracks.flatMap(({ participantId, source, media }) =>
    source === 'camera' && participantId === person?.participantId && media ? [media] : [],
  );
}

/** How many flashes the camera itself has shown in a stretch, epoch milliseconds; on a busy machine it falls behind. */
function flashesDue(moments: readonly CameraMoment[], from: number, to: number): number {
  const within = moments.filter(({ epochMs }) => epochMs >= from && epochMs < to);
  const [first, last] = [within[0], within.at(-1)];
  return first && last ? Math.floor((last.playedMs - first.playedMs) / 1000) : 0;
}
