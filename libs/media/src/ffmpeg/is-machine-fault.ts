import { FfmpegError } from './ffmpeg-error.ts';

/** How a program ends that its input has brought down. */
const crashes: readonly (NodeJS.Signals | null)[] = ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGABRT'];

/**
 * Whether it is this machine that is at fault, not the file that was worked on: a program is missing or was killed, the disk is full.
 * The same file may do tomorrow, or elsewhere.
 */
export function isMachineFault(error: unknown): boolean {
  if (error instanceof FfmpegError) {
    if (error.exitCode === null) return !crashes.includes(error.endedBy);
    return /No space left on device|Too many open files/.test(error.stderrTail);
  }
  return error instanceof Error && 'syscall' in error;
}
