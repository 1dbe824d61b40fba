import type { TrackKind } from '@rushes/timeline';
import { FfmpegError } from '../ffmpeg/ffmpeg-error.ts';
import { isMachineFault } from '../ffmpeg/is-machine-fault.ts';
import { runFfmpegArgs } from '../ffmpeg/run-ffmpeg-args.ts';
import { MediaError } from '../media-error.ts';

/** One sound or picture of a finished media file. */
export type FileStream = {
  kind: TrackKind;
  /** Of the stream in the file. */
  index: number;
  /** As ffmpeg names it: `vp8`, `pcm_s16le`. */
  codecName: string;
  /** The file's own timestamp of the first packet, milliseconds; may be negative, or hours. */
  startMs: number;
  channels: number;
  /** As ffmpeg names it; empty for sound. */
  pixelFormat: string;
};

export type ProbedMediaFile = {
  /** At most one of each kind, the first that there is. */
  streams: FileStream[];
  /** What of the file is left out, in words. */
  leftOut: string[];
};

/**
 * What ffmpeg may open of a file that somebody else wrote: that file, as one of the formats that are imported. Otherwise a playlist
 * in disguise would have it read other files, or addresses.
 */
export const safeInput = ['-protocol_whitelist', 'file', '-format_whitelist', 'matroska,webm,mov,mp4,ogg,wav'] as const;
/** A track that begins long after the other is found too. */
const patience = ['-analyzeduration', '60000000', '-probesize', '50000000'] as const;

type Probed = {
  streams?: {
    index: number;
    codec_type?: string;
    codec_name?: string;
    channels?: number;
    pix_fmt?: string;
    disposition?: { attached_pic?: number };
  }[];
};

/**
 * The sound and the picture of a WebM, Matroska, MP4, OGG or WAV file, whatever its header lacks or says wrongly.
 * @throws MediaError `media-unreadable`; FfmpegError when ffprobe cannot work here; the signal's reason when aborted
 */
export async function probeMediaFile(path: string, signal?: AbortSignal): Promise<ProbedMediaFile> {
  const found = await ffprobe(path, [...patience, '-show_streams', '-of', 'json'], signal);
  const { streams = [] } = JSON.parse(found) as Probed;
  const chosen: FileStream[] = [];
  const leftOut: string[] = [];
  for (const { index, codec_type: kind, codec_name: codecName = 'unknown', ...facts } of streams) {
    if ((kind !== 'audio' && kind !== 'video') || facts.disposition?.attached_pic === 1) continue;
    if (chosen.some((other) => other.kind === kind)) {
      leftOut.push(`stream ${index} (${kind}, ${codecName}): only the first ${kind} of a file is imported`);
      continue;
    }
    const startMs = await startOf(path, index, signal);
    // No packet: the header announces something that never came.
    if (startMs === undefined) continue;
    const { channels = 2, pix_fmt: pixelFormat = '' } = facts;
    chosen.push({ kind, index, codecName, startMs, channels, pixelFormat });
  }
  if (chosen.length === 0) throw new MediaError('media-unreadable', 'expected sound or pictures, the file holds none');
  return { streams: chosen, leftOut };
}

/** When a stream begins to be shown or heard, by its file's timestamps, milliseconds; undefined when it holds no packet. */
export async function startOf(path: string, index: number, signal?: AbortSignal): Promise<number | undefined> {
  const first = ['-select_streams', String(index), '-read_intervals', '%+#1', '-of', 'csv=p=0'];
  const found = await ffprobe(
    path,
    [...patience, ...first, '-show_entries', 'stream=start_time:packet=pts_time'],
    signal,
  );
  // Packets come before streams. What the file says to skip lies before the stream's start.
  const [packet, stream] = found.trim().split('\n').map(Number.parseFloat);
  const seconds = Number.isFinite(stream) ? stream! : (packet ?? NaN);
  return Number.isFinite(seconds) && packet !== undefined ? seconds * 1000 : undefined;
}

async function ffprobe(path: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  try {
    const output = await runFfmpegArgs(['-v', 'error', ...safeInput, ...args, `file:${path}`], {
      program: 'ffprobe',
      ...(signal ? { signal } : {}),
    });
    return output.toString();
  } catch (cause) {
    if (!(cause instanceof FfmpegError) || isMachineFault(cause)) throw cause;
    const expected = 'expected WebM, Matroska (MKV, MKA), MP4, OGG or WAV';
    throw new MediaError('media-unreadable', `${expected}, ffmpeg says: ${reasonOf(cause, path)}`, { cause });
  }
}

/** What ffmpeg said last, without the path, which is ours. */
export function reasonOf({ stderrTail }: FfmpegError, path: string): string {
  const last = stderrTail.trim().split('\n').at(-1) ?? '';
  return (
    last
      .replaceAll(`file:${path}`, '')
      .replaceAll(path, '')
      .replace(/^[\s:]+/, '') || 'nothing'
  );
}
