import { runFfmpegArgs } from '@rushes/media';
import type { ManifestTrack } from '@rushes/timeline';

/** A track's playable file, where ffmpeg reads it. */
export type TrackFile = {
  trackId: string;
  kind: 'audio' | 'video';
  url: string;
  /** The recording clock's instant of the file's time 0, in milliseconds; may be negative. */
  startMs: number;
  durationMs: number;
  /** 0 for audio. */
  height: number;
};

/** @returns undefined for a track without media. */
export function trackFile(track: ManifestTrack, urlOf: (key: string) => string): TrackFile | undefined {
  const { media, trackId, kind } = track;
  if (!media || media.durationMs <= 0) return undefined;
  const { startMs, durationMs, height = 0 } = media;
  return { trackId, kind, url: urlOf(media.key), startMs, durationMs, height };
}

/** Seconds in the track's file of an instant on the recording clock. */
export function fileSeconds(file: TrackFile, atMs: number): number {
  return (atMs - file.startMs) / 1000;
}

/**
 * The presentation times, in seconds and rising, of a file's pictures from the key frame at or before `fromSeconds` to `toSeconds`.
 * Reads the packets of that stretch only.
 */
export async function readPictureTimes(
  file: TrackFile,
  fromSeconds: number,
  toSeconds: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const interval = `${Math.max(0, fromSeconds).toFixed(6)}%${Math.max(0.001, toSeconds).toFixed(6)}`;
  const output = await runFfmpegArgs(
    [
      '-v',
      'error',
      '-select_streams',
      'v:0',
      '-read_intervals',
      interval,
      '-show_entries',
      'packet=pts_time',
      '-of',
      'csv=p=0',
      file.url,
    ],
    { program: 'ffprobe', ...(signal ? { signal } : {}) },
  );
  const times = output
    .toString('latin1')
    .split('\n')
    .map((line) => Number.parseFloat(line))
    .filter((time) => Number.isFinite(time));
  return Float64Array.from(times).sort();
}

/** Timestamps are rounded to milliseconds in WebM: a picture up to this much late counts as in time, in seconds. */
export const timestampSlack = 0.001;

/** The time of the last picture at or before `atSeconds`; undefined when there is none yet. */
export function pictureAt(times: Float64Array, atSeconds: number): number | undefined {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= atSeconds + timestampSlack) low = middle + 1;
    else high = middle;
  }
  return times[low - 1];
}
