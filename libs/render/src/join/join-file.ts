import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFfmpegArgs } from '@rushes/media';

/**
 * Joins encoded segments and the sound into one MP4 without encoding again: moov first, edit lists where the AAC encoder's priming
 * and reordered pictures would shift the start.
 */
export async function joinFile(options: {
  videoFiles: readonly { path: string; seconds: number }[];
  audioFile: string;
  seconds: number;
  folder: string;
  outputFile: string;
  signal: AbortSignal;
}): Promise<void> {
  const list = join(options.folder, 'video.ffconcat');
  const lines = options.videoFiles.flatMap(({ path, seconds }) => [`file '${path}'`, `duration ${seconds.toFixed(6)}`]);
  await writeFile(list, `ffconcat version 1.0\n${lines.join('\n')}\n`);
  await runFfmpegArgs(
    [
      ...['-v', 'error', '-nostdin', '-y', '-f', 'concat', '-safe', '0', '-i', list, '-i', options.audioFile],
      ...['-map', '0:v', '-map', '1:a', '-c', 'copy', '-t', options.seconds.toFixed(6), '-map_metadata', '-1'],
      ...['-movflags', '+faststart', '-brand', 'mp42', '-f', 'mp4', options.outputFile],
    ],
    { signal: options.signal },
  );
}
