/** ffmpeg or ffprobe refused its input, failed or could not be started. The same command would fail again. */
export class FfmpegError extends Error {
  readonly code = 'ffmpeg-failed';
  readonly retriable = false;
  /** As one would type it. */
  readonly commandLine: string;
  /** null when a signal ended the process or it never started. */
  readonly exitCode: number | null;
  /** What ended the process, if that was a signal. */
  readonly endedBy: NodeJS.Signals | null;
  /** The last lines that the process wrote to its standard error. */
  readonly stderrTail: string;

  constructor(facts: {
    commandLine: string;
    exitCode: number | null;
    endedBy?: NodeJS.Signals | null;
    stderrTail: string;
    cause?: unknown;
  }) {
    const lastLine = facts.stderrTail.trimEnd().split('\n').at(-1) ?? '';
    super(
      `ffmpeg failed${facts.exitCode === null ? '' : ` with exit code ${facts.exitCode}`}: ${lastLine || describe(facts.cause)}`,
      facts.cause === undefined ? undefined : { cause: facts.cause },
    );
    this.name = 'FfmpegError';
    this.commandLine = facts.commandLine;
    this.exitCode = facts.exitCode;
    this.endedBy = facts.endedBy ?? null;
    this.stderrTail = facts.stderrTail;
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'no message';
}
