import type { ExportId, RecordingId, SurfaceId, TrackId } from '../ids.ts';

/** Object keys inside the recording's folder: how a recording lies at rest. The one place where they are spelled. */
export const objectKeys = {
  manifest: 'manifest.json',
  /** What became of the files of an import. */
  importState: 'import.json',
  eventsChunk: (startMs: number, epoch?: number) => `timeline/events/${chunkName(startMs, epoch)}`,
  domChunk: (surface: SurfaceId, startMs: number, epoch?: number) =>
    `timeline/dom/${surface}/${chunkName(startMs, epoch)}`,
  /** `n` counts from 0 within the track. */
  packets: (trackId: TrackId, n: number) => `tracks/${trackId}/rtp/${String(n).padStart(6, '0')}.rtpdump`,
  packetsPrefix: (trackId: TrackId) => `tracks/${trackId}/rtp/`,
  /** What the packets cannot say: codec, clock, pauses; newline-delimited JSON. */
  trackNotes: (trackId: TrackId) => `tracks/${trackId}/notes.ndjson`,
  media: (trackId: TrackId, extension: 'webm' | 'mp4') => `tracks/${trackId}/media.${extension}`,
  asset: (sha256: string) => `assets/${sha256}`,
  claim: (sha256: string) => `timeline/claims/${sha256}`,
  exportFile: (exportId: ExportId, name: string) => `exports/${exportId}/${name}`,
} as const;

/** Which writer wrote a chunk, counted from 1; undefined for chunks of earlier versions. */
export function epochOfChunk(key: string): number | undefined {
  const epoch = /-(\d+)\.ndjson\.gz$/.exec(key)?.[1];
  return epoch === undefined ? undefined : Number(epoch);
}

/** The recording's folder in the object store, with a trailing slash. */
export function recordingPrefix(recordingId: RecordingId): string {
  return `recordings/${recordingId}/`;
}

function chunkName(startMs: number, epoch?: number): string {
  return `${pad(startMs)}${epoch === undefined ? '' : `-${epoch}`}.ndjson.gz`;
}

/** Zero-padded, so that keys sort by time. */
function pad(atMs: number): string {
  return String(Math.round(atMs)).padStart(10, '0');
}
