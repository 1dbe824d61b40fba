import fluent from 'fluent-ffmpeg';
import type { FfprobeData } from 'fluent-ffmpeg';
import { FfmpegError } from './ffmpeg-error.ts';

export type { FfprobeData, FfprobeStream, FfprobeFormat } from 'fluent-ffmpeg';

/**
 * Container and streams as ffprobe shows them (`-show_streams -show_format`). Durations are seconds.
 * For frames or packets use `runFfmpegArgs(args, { program: 'ffprobe' })`.
 *
 * @throws FfmpegError when the file cannot be read as media.
 */
export function probe(file: string): Promise<FfprobeData> {
  return new Promise((resolve, reject) => {
    fluent.ffprobe(file, (cause: Error | null, data: FfprobeData) => {
      if (!cause) return resolve(data);
      // fluent-ffmpeg gives the exit code and the whole standard error only in its message.
      const exitCode = Number(/exited with code (\d+)/.exec(cause.message)?.[1] ?? NaN);
      const stderrTail = cause.message.split('\n').slice(1).join('\n');
      const commandLine = `ffprobe -show_streams -show_format ${file}`;
      reject(new FfmpegError({ commandLine, exitCode: Number.isNaN(exitCode) ? null : exitCode, stderrTail, cause }));
    });
  });
}
