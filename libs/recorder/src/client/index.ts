export { createRecorder } from './create-recorder.ts';
export { Recorder } from './recorder.ts';
export type { RecordedProducerOptions, RecorderOptions } from './recorder.ts';
export type { ProducerRecording } from './producer-recording.ts';
export { RecorderError } from './recorder-error.ts';
