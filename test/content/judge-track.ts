import { runFfmpegArgs } from '@rushes/media';
import { beepStarts, readSamples } from './read-audio.ts';
import { readFrameNumber, readFrames } from './read-video.ts';
import type { Voice } from './signal.ts';

/** A derived file and where it begins on the recording clock. */
export type PlacedFile = { path: string; startMs: number };

export type ShownFrame = { atMs: number; frameNumber: number | undefined };

/** What a derived video shows: every frame that ffmpeg decodes, with its own timestamp, on the recording clock. */
export async function readVideoTrack(
  { path, startMs }: PlacedFile,
  size: { width: number; height: number },
): Promise<ShownFrame[]> {
  // By the decoder that also gives the pictures: one leaves out the first ones of a track that begins in a low layer, another does not.
  const listed = await runFfmpegArgs([
    ...['-v', 'error', '-i', path, '-map', '0:v', '-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
    ...['-f', 'framemd5', 'pipe:1'],
  ]);
  const times = [...listed.toString().matchAll(/^0,\s*-?\d+,\s*(-?\d+)/gm)].map(
    ([, ticks]) => startMs + Number(ticks) / 90,
  );
  const shown: ShownFrame[] = [];
  for await (const picture of readFrames(path, { ...size, pixelFormat: 'gray' })) {
    const atMs = times[shown.length];
    if (atMs === undefined) throw new Error(`${path} has more frames than timestamps`);
    shown.push({ atMs, frameNumber: readFrameNumber(picture) });
  }
  return shown;
}

/** When beeps begin, on the recording clock, counted in samples as a player counts them. */
export async function beepsOf({ path, startMs }: PlacedFile, voice: Voice): Promise<number[]> {
  return beepStarts(await readSamples(path), voice).map((ms) => startMs + ms);
}
