import { runFfmpegArgs } from '../ffmpeg/run-ffmpeg-args.ts';

/** Milliseconds of the file. */
export type Stretch = { fromMs: number; toMs: number };

/** What is quieter is background: a room, a fan, an encoder's comfort noise. */
const quietDb = -45;
/** Silence shorter than this belongs to the speech around it, as in live meetings. Seconds. */
const holdSeconds = 1;
/** A click is no speech. */
const leastMs = 200;

/**
 * Where somebody is heard in a microphone's file, of our own making. Decodes it once.
 * @throws FfmpegError; the signal's reason when aborted
 */
export async function findSpeech(path: string, durationMs: number, signal?: AbortSignal): Promise<Stretch[]> {
  const filter = `silencedetect=n=${quietDb}dB:d=${holdSeconds},ametadata=mode=print:file=-`;
  const output = await runFfmpegArgs(
    ['-v', 'error', '-nostdin', '-threads', '1', '-i', path, '-map', '0:a:0', '-af', filter, '-f', 'null', '-'],
    signal ? { signal } : {},
  );
  const speech: Stretch[] = [];
  let fromMs: number | undefined = 0;
  const end = (toMs: number): void => {
    if (fromMs !== undefined && toMs - fromMs >= leastMs) speech.push({ fromMs, toMs });
    fromMs = undefined;
  };
  for (const [, edge, seconds] of output.toString().matchAll(/^lavfi\.silence_(start|end)=([\d.-]+)$/gm)) {
    const atMs = Math.max(0, Number(seconds) * 1000);
    if (edge === 'start') end(atMs);
    else fromMs = atMs;
  }
  end(durationMs);
  return speech;
}
