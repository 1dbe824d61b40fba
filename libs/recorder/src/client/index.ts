export { createRecorder } from './create-recorder.ts';
export { Recorder } from './recorder.ts';
export type { RecordedProducerOptions } from './recorded-producer-options.ts';
export type { RecorderOptions } from './recorder.ts';
export type { ProducerRecording } from './producer-recording.ts';
export { RecorderError } from './recorder-error.ts';
