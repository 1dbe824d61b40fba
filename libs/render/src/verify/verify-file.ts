import { probe, runFfmpegArgs } from '@rushes/media';
import type { FfprobeStream } from '@rushes/media';
import type { VerificationCheck } from '../render-result.ts';
import { readTopBoxes } from './mp4-layout.ts';

export type Promised = { width: number; height: number; fps: number; frames: number };

/** AAC frames hold 1024 samples: the sound may end up to two of them off the picture, in seconds. */
const audioSlack = 2 * (1024 / 48_000) + 0.005;

/**
 * Looks at everything that the MP4 promises: every packet's time, and that the sound and the key frame of every two seconds decode.
 * Decoding every frame would cost a tenth of the whole export. Never throws for a bad file.
 */
export async function verifyFile(path: string, promised: Promised, signal: AbortSignal): Promise<VerificationCheck[]> {
  const checks: VerificationCheck[] = [];
  const note = (check: string, ok: boolean, found: unknown): void =>
    void checks.push({ check, ok, found: String(found) });
  const { format, streams } = await probe(path);
  const seconds = promised.frames / promised.fps;
  const video = streams.find(({ codec_type }) => codec_type === 'video');
  const audio = streams.find(({ codec_type }) => codec_type === 'audio');
  note(
    'container is MP4 with one picture and one sound',
    (format.format_name ?? '').includes('mp4') && streams.length === 2,
    `${format.format_name}, ${streams.length} streams`,
  );
  const boxes = await readTopBoxes(path);
  note(
    'moov comes before mdat',
    boxes.indexOf('moov') >= 0 && boxes.indexOf('moov') < boxes.indexOf('mdat'),
    boxes.join(' '),
  );
  if (video) checkVideo(video, promised, note);
  if (audio) checkAudio(audio, seconds, note);
  const times = await readPacketTimes(path, signal);
  checkTimes(times, promised, note);
  const errors = await decodeErrors(path, signal);
  note('decodes without errors', errors === '', errors || 'none');
  return checks;
}

type Note = (check: string, ok: boolean, found: unknown) => void;

function checkVideo(video: FfprobeStream, { width, height, frames, fps }: Promised, note: Note): void {
  note(
    'picture is H.264 High, avc1',
    video.codec_name === 'h264' && String(video.profile) === 'High' && video.codec_tag_string === 'avc1',
    `${video.codec_name} ${video.profile} ${video.codec_tag_string}`,
  );
  note('pixels are yuv420p', video.pix_fmt === 'yuv420p', video.pix_fmt);
  const tags = [video.color_space, video.color_primaries, video.color_transfer, video.color_range];
  note('colour is tagged BT.709, limited range', tags.join() === 'bt709,bt709,bt709,tv', tags.join());
  note(
    'picture has the size asked for',
    video.width === width && video.height === height,
    `${video.width}x${video.height}`,
  );
  note('picture starts at 0', Math.abs(Number(video.start_time)) < 0.0005, video.start_time);
  note(
    'picture has the length asked for',
    Math.abs(Number(video.duration) - frames / fps) < 0.5 / fps,
    `${video.duration} s`,
  );
}

function checkAudio(audio: FfprobeStream, seconds: number, note: Note): void {
  note(
    'sound is AAC-LC, 48 kHz',
    audio.codec_name === 'aac' && String(audio.profile) === 'LC' && Number(audio.sample_rate) === 48_000,
    `${audio.codec_name} ${audio.profile} ${audio.sample_rate} Hz`,
  );
  note('sound starts at 0', Math.abs(Number(audio.start_time)) < 0.0005, audio.start_time);
  note(
    'sound is as long as the picture',
    Math.abs(Number(audio.duration) - seconds) <= audioSlack,
    `${audio.duration} s`,
  );
}

/** Presentation times of the picture's packets, in seconds, rising. */
async function readPacketTimes(path: string, signal: AbortSignal): Promise<Float64Array> {
  const output = await runFfmpegArgs(
    ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path],
    { program: 'ffprobe', signal },
  );
  const lines = output.toString('latin1').trim().split('\n');
  return Float64Array.from(lines, (line) => Number.parseFloat(line)).sort();
}

function checkTimes(times: Float64Array, { frames, fps }: Promised, note: Note): void {
  note('every frame is there', times.length === frames, `${times.length} of ${frames}`);
  let worst = 0;
  for (let n = 0; n < times.length; n++) worst = Math.max(worst, Math.abs(times[n]! - n / fps));
  note('frame rate is constant', worst < 0.0005, `${(worst * 1000).toFixed(3)} ms off the grid`);
}

async function decodeErrors(path: string, signal: AbortSignal): Promise<string> {
  try {
    await runFfmpegArgs(
      [
        ...[
          '-v',
          'error',
          '-xerror',
          '-nostdin',
          '-threads',
          '1',
          '-skip_frame:v',
          'nokey',
          '-skip_loop_filter:v',
          'all',
        ],
        ...['-i', path, '-fps_mode', 'passthrough', '-f', 'null', '-'],
      ],
      { signal },
    );
    return '';
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}
