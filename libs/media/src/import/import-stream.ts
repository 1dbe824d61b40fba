import { rm, stat } from 'node:fs/promises';
import { FfmpegError } from '../ffmpeg/ffmpeg-error.ts';
import { isMachineFault } from '../ffmpeg/is-machine-fault.ts';
import { runFfmpegArgs } from '../ffmpeg/run-ffmpeg-args.ts';
import type { DerivedMedia } from '../derive/derive-track.ts';
import { MediaError } from '../media-error.ts';
import { SizeList } from '../derive/size-list.ts';
import { importOpus } from './import-opus.ts';
import { reasonOf, safeInput, startOf } from './probe-media-file.ts';
import { readMediaFile } from './read-media-file.ts';
import type { FileStream } from './probe-media-file.ts';

/** `startMs` is on the clock of the original file's timestamps. */
export type ImportedMedia = DerivedMedia & {
  /** MIME type as in RTP capabilities. */
  codec: string;
  isTranscoded: boolean;
};

export type ImportStreamOptions = {
  path: string;
  stream: FileStream;
  /** The file to write, without its extension, which the codec decides. */
  pathWithoutExtension: string;
  signal?: AbortSignal;
};

/** What becomes of a stream. `args`: ffmpeg's output options. */
type Recipe = { codec: string; extension: 'webm' | 'mp4'; isTranscoded: boolean; args: readonly string[] };

const copy = ['-c', 'copy'];
const copied: Readonly<Record<string, Omit<Recipe, 'args' | 'isTranscoded'>>> = {
  vp8: { codec: 'video/VP8', extension: 'webm' },
  vp9: { codec: 'video/VP9', extension: 'webm' },
  av1: { codec: 'video/AV1', extension: 'webm' },
  h264: { codec: 'video/H264', extension: 'mp4' },
  opus: { codec: 'audio/opus', extension: 'webm' },
  aac: { codec: 'audio/mp4a-latm', extension: 'mp4' },
};
/** What every browser decodes; the finer ones few do. */
const plainPixels = new Set(['yuv420p', 'yuvj420p', '']);

/**
 * One stream of a finished file as a file of its own that browsers play and can seek in: the same packets where browsers know the
 * codec (VP8, VP9, AV1 and Opus in WebM, H.264 and AAC in MP4), else encoded anew as H.264 or Opus. Every packet keeps its time,
 * whatever the header says of duration or frame rate, and its size; what is missing in sound is silence.
 *
 * @returns null when there is nothing in the stream that can be played
 * @throws MediaError `media-unreadable`; FfmpegError when ffmpeg cannot work here; the signal's reason when aborted
 */
export async function importStream(options: ImportStreamOptions): Promise<ImportedMedia | null> {
  const { path, stream, pathWithoutExtension, signal } = options;
  const { codec, extension, isTranscoded, args } = recipeOf(stream);
  const isOpus = codec === 'audio/opus';
  const written = `${pathWithoutExtension}${isOpus ? '-packets' : ''}.${extension}`;
  // Its own first packet at 0: players and renderers count from there.
  const shift = isOpus ? [] : ['-output_ts_offset', String(-stream.startMs / 1000)];
  try {
    await runFfmpegArgs(
      [
        ...['-v', 'error', '-nostdin', '-y', '-copyts', ...safeInput, '-i', `file:${path}`],
        ...['-map', `0:${stream.index}`, '-map_metadata', '-1', '-map_chapters', '-1', ...args, ...shift],
        ...['-fflags', '+bitexact', '-flags', '+bitexact', ...(extension === 'mp4' ? ['-movflags', '+faststart'] : [])],
        written,
      ],
      signal ? { signal } : {},
    );
  } catch (cause) {
    if (!(cause instanceof FfmpegError) || isMachineFault(cause)) throw cause;
    const reason = reasonOf(cause, path);
    throw new MediaError('media-unreadable', `${stream.kind} (${stream.codecName}) cannot be read: ${reason}`, {
      cause,
    });
  }
  const found = { codec, isTranscoded, extension } as const;
  if (isOpus) {
    const channels = isTranscoded ? 2 : stream.channels;
    const path = `${pathWithoutExtension}.webm`;
    const media = await importOpus({ written, path, channels, ...pick(signal) }).finally(() => rm(written));
    return media && { ...media, ...found };
  }
  const media = await describe(written, stream.startMs, signal);
  return media && { ...media, ...found };
}

function recipeOf({ kind, codecName, channels, pixelFormat }: FileStream): Recipe {
  const known = copied[codecName];
  const isPlayable = kind === 'audio' ? channels <= 2 : plainPixels.has(pixelFormat);
  if (known && isPlayable) return { ...known, isTranscoded: false, args: copy };
  if (kind === 'audio') {
    // Sound that is missing becomes silence, so that what follows keeps its time.
    const args = ['-af', 'aresample=async=1:min_hard_comp=0.02', '-ac', '2', '-ar', '48000', '-c:a', 'libopus'];
    return { ...copied['opus']!, isTranscoded: true, args: [...args, '-b:a', '96k'] };
  }
  const even = ['-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2', '-pix_fmt', 'yuv420p'];
  // Times of the input's own clock, not of a frame rate that may be wrong.
  const times = ['-fps_mode', 'passthrough', '-enc_time_base', '-1'];
  const args = [...even, ...times, '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-bf', '0'];
  return { ...copied['h264']!, isTranscoded: true, args };
}

/** @returns null when the file holds no packet */
function describe(
  path: string,
  startMs: number,
  signal: AbortSignal | undefined,
): Promise<Omit<DerivedMedia, 'extension'> | null> {
  return readMediaFile(path, async (input) => {
    const [track] = await input.getTracks();
    const durationSeconds = (await track?.computeDuration()) ?? 0;
    if (!track || durationSeconds <= 0) return null;
    const codecs = (await track.getCodecParameterString()) ?? '';
    const picture = await input.getPrimaryVideoTrack();
    const sizes = picture ? await sizesOf(path, signal) : {};
    return {
      path,
      mimeType: `${picture ? 'video' : 'audio'}/${path.split('.').at(-1)!}; codecs="${codecs}"`,
      // The time of the first packet, wherever the muxer has put it.
      startMs: startMs - ((await startOf(path, 0, signal)) ?? 0),
      durationMs: durationSeconds * 1000,
      sizeBytes: (await stat(path)).size,
      ...sizes,
    };
  });
}

/** Of every picture that can be decoded alone: others have the size of the one before. */
async function sizesOf(path: string, signal: AbortSignal | undefined): Promise<ReturnType<SizeList['list']>> {
  const keyFrames = ['-skip_frame', 'nokey', '-select_streams', 'v:0', '-show_entries', 'frame=width,height'];
  const args = ['-v', 'error', ...keyFrames, '-of', 'csv=p=0', path];
  const found = await runFfmpegArgs(args, { program: 'ffprobe', ...pick(signal) });
  const sizes = new SizeList();
  for (const line of found.toString().split('\n')) {
    const [width, height] = line.split(',').map(Number.parseFloat);
    if (width && height) sizes.note({ width, height });
  }
  return sizes.list();
}

function pick(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}
