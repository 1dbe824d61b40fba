export { FfmpegError } from './ffmpeg/ffmpeg-error.ts';
export { probe } from './ffmpeg/probe.ts';
export type { FfprobeData, FfprobeStream, FfprobeFormat } from './ffmpeg/probe.ts';
export { runFfmpeg } from './ffmpeg/run-ffmpeg.ts';
export type { FfmpegCommand } from './ffmpeg/run-ffmpeg.ts';
export { runFfmpegArgs } from './ffmpeg/run-ffmpeg-args.ts';
export type { RunFfmpegArgsOptions } from './ffmpeg/run-ffmpeg-args.ts';
export type { FfmpegProgress, RunFfmpegOptions } from './ffmpeg/run-options.ts';
