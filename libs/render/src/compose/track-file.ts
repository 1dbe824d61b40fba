import { runFfmpegArgs } from '@rushes/media';
import type { PictureSize } from './changing-shape.ts';
import type { ManifestTrack } from '@rushes/timeline';

/** A track's playable file, where ffmpeg reads it. */
export type TrackFile = {
  trackId: string;
  kind: 'audio' | 'video';
  url: string;
  /** The recording clock's instant of the file's time 0, in milliseconds; may be negative. */
  startMs: number;
  durationMs: number;
  /** Of its pictures, where they have more than one. */
  sizes?: readonly PictureSize[];
};

/** @returns undefined for a track without media. */
export function trackFile(track: ManifestTrack, urlOf: (key: string) => string): TrackFile | undefined {
  const { media, trackId, kind } = track;
  if (!media || media.durationMs <= 0) return undefined;
  const { startMs, durationMs, width, height, otherSizes } = media;
  const sizes = otherSizes && width && height ? { sizes: [{ width, height }, ...otherSizes] } : {};
  return { trackId, kind, url: urlOf(media.key), startMs, durationMs, ...sizes };
}

/** Seconds in the track's file of an instant on the recording clock. */
export function fileSeconds(file: TrackFile, atMs: number): number {
  return (atMs - file.startMs) / 1000;
}

/** What a file says about its pictures. */
export type Pictures = {
  /** Presentation times, in seconds and rising. */
  times: Float64Array;
  /** The colour matrix that they come in. */
  matrix: ColorMatrix;
};
export type ColorMatrix = 'bt601' | 'bt709';

/**
 * A file's pictures from the key frame at or before `fromSeconds` to `toSeconds`, as the file's index has them.
 * Reads the packets of that stretch only.
 *
 * @throws FfmpegError
 */
export async function readPictures(
  file: TrackFile,
  fromSeconds: number,
  toSeconds: number,
  signal?: AbortSignal,
): Promise<Pictures> {
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
      'packet=pts_time:stream=color_space',
      '-of',
      'csv=p=0',
      file.url,
    ],
    { program: 'ffprobe', ...(signal ? { signal } : {}) },
  );
  const lines = output.toString('latin1').split('\n');
  const times = lines.map((line) => Number.parseFloat(line)).filter((time) => Number.isFinite(time));
  // Browsers send BT.601 at every size; a track that does not say otherwise has it.
  const matrix = lines.some((line) => line.trim() === 'bt709') ? 'bt709' : 'bt601';
  return { times: Float64Array.from(times).sort(), matrix };
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
