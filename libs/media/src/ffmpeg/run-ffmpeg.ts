import createCommand from 'fluent-ffmpeg';
import type { FfmpegCommand } from 'fluent-ffmpeg';
import { FfmpegError } from './ffmpeg-error.ts';
import { stderrTailLines } from './run-options.ts';
import type { RunFfmpegOptions } from './run-options.ts';

export type { FfmpegCommand } from 'fluent-ffmpeg';

/**
 * Runs one ffmpeg command built with fluent-ffmpeg. `build` gets an empty command and gives it inputs, options and
 * at least one output (a path or a Writable); inputs may be Readables. It must not call `run`, `save` or `pipe`.
 *
 *     await runFfmpeg((command) => command.input('in.webm').outputOptions('-c', 'copy').output('out.mkv'), { signal });
 *
 * @throws FfmpegError when ffmpeg fails; the signal's reason when aborted.
 */
export async function runFfmpeg(
  build: (command: FfmpegCommand) => FfmpegCommand,
  options: RunFfmpegOptions = {},
): Promise<void> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const command = build(createCommand({ stdoutLines: stderrTailLines }));
  let commandLine = 'ffmpeg';
  const abort = (): void => void command.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      command
        .on('start', (line: string) => {
          commandLine = line;
          // An abort before the process existed could not kill it.
          if (signal?.aborted) abort();
        })
        .on('progress', (progress: { timemark?: string; frames?: number }) =>
          onProgress?.({ outMs: parseTimemark(progress.timemark), frames: progress.frames ?? 0 }),
        )
        .on('error', (cause: Error, _stdout: string | null, stderr: string | null) =>
          reject(new FfmpegError({ commandLine, exitCode: exitCodeOf(cause), stderrTail: stderr ?? '', cause })),
        )
        .on('end', () => resolve())
        .run();
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** `HH:MM:SS.cc` to milliseconds; 0 when ffmpeg says `N/A`. */
function parseTimemark(timemark: string | undefined): number {
  const parts = /^(\d+):(\d+):([\d.]+)$/.exec(timemark ?? '');
  if (!parts) return 0;
  return Math.round((Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3])) * 1000);
}

/** fluent-ffmpeg gives the exit code only in its message. */
function exitCodeOf(error: Error): number | null {
  const code = /exited with code (\d+)/.exec(error.message)?.[1];
  return code === undefined ? null : Number(code);
}
