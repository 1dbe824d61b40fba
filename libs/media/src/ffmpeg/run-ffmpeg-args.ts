import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import { FfmpegError } from './ffmpeg-error.ts';
import { stderrTailLines } from './run-options.ts';
import type { RunFfmpegOptions } from './run-options.ts';

export type RunFfmpegArgsOptions = RunFfmpegOptions & {
  /** `ffmpeg` (default) or `ffprobe`; FFMPEG_PATH and FFPROBE_PATH name others, as for fluent-ffmpeg. */
  program?: 'ffmpeg' | 'ffprobe';
  /** Fed to the process' standard input; otherwise it is closed. */
  stdin?: Readable | AsyncIterable<Uint8Array>;
  /** Gets standard output; otherwise it is collected and returned. */
  stdout?: Writable;
};

/**
 * Runs ffmpeg (or ffprobe) with a literal argument list, for what fluent-ffmpeg cannot express. `-hide_banner` is added.
 *
 * @returns standard output, empty when it went to `stdout`.
 * @throws FfmpegError when the process fails; the signal's reason when aborted.
 */
export async function runFfmpegArgs(args: readonly string[], options: RunFfmpegArgsOptions = {}): Promise<Buffer> {
  const { signal, onProgress, program = 'ffmpeg' } = options;
  signal?.throwIfAborted();
  const path = program === 'ffmpeg' ? process.env['FFMPEG_PATH'] : process.env['FFPROBE_PATH'];
  const fullArgs = ['-hide_banner', ...(onProgress ? ['-progress', 'pipe:2', '-nostats'] : []), ...args];
  const child = spawn(path ?? program, fullArgs, { stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (cause) => resolve({ exitCode: null, endedBy: null, cause }));
    child.once('close', (exitCode, endedBy) => resolve({ exitCode, endedBy }));
  });
  const abort = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });

  const tail = new StderrTail(onProgress);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => tail.add(text));
  const collected: Buffer[] = [];
  if (!options.stdout) child.stdout?.on('data', (part: Buffer) => collected.push(part));
  const pipes: Promise<void>[] = [];
  if (options.stdout && child.stdout) pipes.push(pipeline(child.stdout, options.stdout));
  // A process that needs no more input closes its end early: that is not a failure.
  if (options.stdin && child.stdin) pipes.push(pipeline(options.stdin, child.stdin).catch(ignoreBrokenPipe));

  try {
    const [end, ...piped] = await Promise.all([ended, ...pipes.map(settle)]);
    signal?.throwIfAborted();
    const cause = end.cause ?? piped.find((error) => error !== undefined);
    if (end.exitCode !== 0 || cause !== undefined) {
      const commandLine = [path ?? program, ...fullArgs].join(' ');
      const { exitCode, endedBy } = end;
      throw new FfmpegError({ commandLine, exitCode, endedBy, stderrTail: tail.text(), cause });
    }
    return Buffer.concat(collected);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

type ProcessEnd = { exitCode: number | null; endedBy: NodeJS.Signals | null; cause?: unknown };

/** Keeps the last lines, and takes the `-progress` lines out of them. */
class StderrTail {
  private readonly lines: string[] = [];
  private partial = '';
  private frames = 0;
  private outMs = 0;

  constructor(private readonly onProgress: RunFfmpegOptions['onProgress']) {}

  add(text: string): void {
    const lines = (this.partial + text).split('\n');
    this.partial = lines.pop() ?? '';
    for (const line of lines) if (!this.takeProgress(line)) this.lines.push(line);
    this.lines.splice(0, this.lines.length - stderrTailLines);
  }

  text(): string {
    return [...this.lines, this.partial].join('\n');
  }

  private takeProgress(line: string): boolean {
    if (!this.onProgress) return false;
    const [key, value] = /^([a-z_0-9]+)=\s*(\S+)$/.exec(line)?.slice(1) ?? [];
    if (key === undefined) return false;
    if (key === 'frame') this.frames = Number(value);
    if (key === 'out_time_us' && Number.isFinite(Number(value))) this.outMs = Number(value) / 1000;
    if (key === 'progress') this.onProgress({ outMs: this.outMs, frames: this.frames });
    return true;
  }
}

function settle(pipe: Promise<void>): Promise<unknown> {
  return pipe.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}
