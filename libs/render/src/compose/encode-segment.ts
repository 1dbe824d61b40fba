import { runFfmpegArgs } from '@rushes/media';
import { frameMs } from '../plan/frame-grid.ts';
import type { FrameGrid } from '../plan/frame-grid.ts';
import { composeGraph } from './compose-graph.ts';
import type { TileInput } from './compose-graph.ts';
import { fileSeconds, pictureAt } from './track-file.ts';
import type { Pictures, TrackFile } from './track-file.ts';
import type { Segment } from './segment.ts';

/** Seconds between key frames: fine enough for seeking. */
const keyFrameSeconds = 2;

export type SegmentEncoding = {
  segment: Segment;
  grid: FrameGrid;
  stage: { width: number; height: number };
  tracks: ReadonlyMap<string, TrackFile>;
  /** A track's pictures around the segment. */
  picturesOf(file: TrackFile): Promise<Pictures>;
  outputFile: string;
  signal: AbortSignal;
  onFrames(frames: number): void;
};

/** Composes and encodes one segment in one single-threaded ffmpeg. @throws FfmpegError */
export async function encodeSegment(options: SegmentEncoding): Promise<void> {
  const { segment, grid, stage, outputFile, signal } = options;
  const { fps } = grid;
  const frames = segment.frames.to - segment.frames.from;
  const inputs: string[] = [];
  let inputCount = 0;
  const addInput = (...args: string[]): number => {
    inputs.push('-threads', '1', ...args);
    return inputCount++;
  };

  const tiles: TileInput[] = [];
  const files = segment.tiles.map(({ trackId }) => options.tracks.get(trackId));
  const pictures = await Promise.all(files.map(async (file) => file && options.picturesOf(file)));
  for (const [index, tile] of segment.tiles.entries()) {
    const [file, known] = [files[index], pictures[index]];
    if (!file || !known) continue;
    const zeroSeconds = fileSeconds(file, frameMs(grid, segment.frames.from));
    const { times, matrix } = known;
    // Not a picture yet: the tile stays black until its first one.
    if ((times[0] ?? Infinity) > zeroSeconds + frames / fps) continue;
    const firstShown = pictureAt(times, zeroSeconds);
    const fromSeconds = firstShown ?? times[0]!;
    const input = addInput(...seekArgs(fromSeconds), '-copyts', '-reinit_filter', '0', '-i', file.url);
    const maskFile = segment.maskFiles[index];
    const maskInput = maskFile === undefined ? undefined : addInput('-i', maskFile);
    const isThereAtOnce = firstShown !== undefined;
    const hasMore = times.at(-1)! > fromSeconds;
    tiles.push({
      tile,
      input,
      zeroSeconds,
      fromSeconds,
      isThereAtOnce,
      hasMore,
      matrix,
      ...(maskInput === undefined ? {} : { maskInput }),
      ...(file.sizes && { sizes: file.sizes }),
    });
  }
  const platesInput = addInput('-i', segment.platesFile);
  const graph = composeGraph({ ...stage, fps, frames, tiles, platesInput });

  await runFfmpegArgs(
    [
      ...['-v', 'error', '-nostdin', '-y', '-filter_threads', '1', '-filter_complex_threads', '1'],
      ...inputs,
      ...['-filter_complex', graph, '-map', '[out]', '-frames:v', String(frames), '-an', '-map_metadata', '-1'],
      ...videoArgs(fps),
      ...['-f', 'mp4', outputFile],
    ],
    { signal, onProgress: (progress) => options.onFrames(progress.frames) },
  );
}

/** One key frame's distance before the wanted picture is decoded and dropped; the seek itself must not drop anything. */
function seekArgs(fromSeconds: number): string[] {
  return fromSeconds > 0 ? ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', fromSeconds.toFixed(6)] : [];
}

/** The same for every segment, so that they join without being encoded again. */
function videoArgs(fps: number): string[] {
  return [
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-crf',
      '23',
      '-profile:v',
      'high',
      '-pix_fmt',
      'yuv420p',
      '-threads',
      '1',
    ],
    // The preset's own refinement takes a fifth longer for a seventh fewer bytes, and its search a seventh longer again for as many;
    // `superfast` is hardly faster and nearly doubles them. Frames looked ahead at are held: four instead of ten take 17 MB less.
    ...['-x264-params', 'subme=1:me=dia:partitions=i8x8,i4x4:rc-lookahead=4'],
    ...['-g', String(keyFrameSeconds * fps), '-flags', '+cgop', '-bf', '0'],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-video_track_timescale', String(fps * 1000), '-fps_mode', 'passthrough'],
  ];
}
