export { createCapture } from './create-capture.ts';
export { CaptureError, type CaptureErrorCode } from './errors.ts';
export type { BrowserEventData, Capture, CaptureEvents, CaptureOptions, CaptureState } from './types.ts';
