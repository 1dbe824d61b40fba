import { access, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFfmpegArgs } from '@rushes/media';
import { fileSeconds } from '../compose/track-file.ts';
import type { TrackFile } from '../compose/track-file.ts';

/** Sound is mixed in pieces of this length, so that memory does not grow with the recording and silent tracks are not open. */
const pieceSeconds = 300;
/** Decoders of sound need a moment before the first sample that is kept. */
const prerollSeconds = 0.5;
const sampleRateHz = 48_000;

/**
 * Mixes all tracks' sound over `[fromMs, fromMs + durationMs)` into AAC-LC, 48 kHz, stereo: the plain sum of the tracks, limited
 * below full scale. Silence where there is none.
 *
 * @returns the path of an M4A file in `folder`.
 */
export async function mixAudio(options: {
  tracks: readonly TrackFile[];
  fromMs: number;
  durationMs: number;
  folder: string;
  signal: AbortSignal;
}): Promise<string> {
  const { fromMs, durationMs, folder, signal } = options;
  const output = join(folder, 'audio.m4a');
  if (await exists(output)) return output;
  const pieces: string[] = [];
  const seconds = durationMs / 1000;
  for (let at = 0; at < seconds; at += pieceSeconds) {
    const piece = join(folder, `audio-${pieces.length}.wav`);
    const length = Math.min(pieceSeconds, seconds - at);
    await mixPiece({ tracks: options.tracks, fromMs: fromMs + at * 1000, seconds: length, output: piece, signal });
    pieces.push(piece);
  }
  const list = join(folder, 'audio.ffconcat');
  await writeFile(list, `ffconcat version 1.0\n${pieces.map((piece) => `file '${piece}'`).join('\n')}\n`);
  const partial = `${output}.part`;
  await runFfmpegArgs(
    [
      ...['-v', 'error', '-nostdin', '-y', '-f', 'concat', '-safe', '0', '-i', list],
      // `level` would raise quiet recordings; `latency` takes the look-ahead's delay back out.
      ...[
        '-af',
        'alimiter=limit=0.95:level=0:latency=1,aresample=48000',
        '-ar',
        String(sampleRateHz),
        '-ac',
        '2',
        '-map_metadata',
        '-1',
      ],
      ...['-c:a', 'aac', '-profile:a', 'aac_low', '-aac_coder', 'fast', '-b:a', '160k', '-f', 'mp4', partial],
    ],
    { signal },
  );
  await rename(partial, output);
  return output;
}

async function mixPiece(options: {
  tracks: readonly TrackFile[];
  fromMs: number;
  seconds: number;
  output: string;
  signal: AbortSignal;
}): Promise<void> {
  const { fromMs, seconds, output, signal } = options;
  const heard = options.tracks.filter(
    (file) => file.startMs < fromMs + seconds * 1000 && file.startMs + file.durationMs > fromMs,
  );
  const samples = Math.round(seconds * sampleRateHz);
  const inputs = heard.flatMap((file) => {
    const from = fileSeconds(file, fromMs) - prerollSeconds;
    return [
      '-threads',
      '1',
      ...(from > 0 ? ['-seek_timestamp', '1', '-ss', from.toFixed(6)] : []),
      '-copyts',
      '-i',
      file.url,
    ];
  });
  const graph = heard.map((file, index) => {
    const zero = fileSeconds(file, fromMs);
    return (
      `[${index}:a]aformat=sample_fmts=fltp:channel_layouts=stereo,asetpts=PTS-(${zero.toFixed(6)})/TB,atrim=start=0,` +
      // Gaps become silence as long as they are; the beginning too.
      `aresample=${sampleRateHz}:async=1:min_hard_comp=0.01:first_pts=0[a${index}]`
    );
  });
  const labels = heard.map((_, index) => `[a${index}]`).join('');
  graph.push(
    `anullsrc=r=${sampleRateHz}:cl=stereo,aformat=sample_fmts=fltp,atrim=end_sample=${samples}[silence]`,
    `[silence]${labels}amix=inputs=${heard.length + 1}:normalize=0:duration=first,atrim=end_sample=${samples}[out]`,
  );
  await runFfmpegArgs(
    [
      ...[
        '-v',
        'error',
        '-nostdin',
        '-y',
        ...inputs,
        '-filter_complex_threads',
        '1',
        '-filter_complex',
        graph.join(';'),
      ],
      ...['-map', '[out]', '-c:a', 'pcm_f32le', '-f', 'wav', output],
    ],
    { signal },
  );
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
