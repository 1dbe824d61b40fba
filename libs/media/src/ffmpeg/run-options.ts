export type FfmpegProgress = {
  /** Length of the output so far. */
  outMs: number;
  /** Output frames so far; 0 for audio only. */
  frames: number;
};

export type RunFfmpegOptions = {
  /** Kills the process (SIGKILL); the run rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called about twice a second. */
  onProgress?: (progress: FfmpegProgress) => void;
};

/** Lines of standard error that an {@link FfmpegError} carries. */
export const stderrTailLines = 40;
