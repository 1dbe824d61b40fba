import type { Capture, CaptureOptions } from './types.ts';

/** Makes the capture of one page; nothing is sent or recorded before `start()`, but events may be emitted. */
export function createCapture(options: CaptureOptions): Capture {
  throw new Error(`not connected to ${options.endpoint}`);
}
