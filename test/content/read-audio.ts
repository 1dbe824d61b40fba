import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Voice } from './signal.ts';

const sampleRateHz = 16_000;
/** Energy is looked at in steps of 2 ms over windows of 10 ms. */
const step = 32;
const window = 160;

/** The file's sound, mixed to mono at 16 kHz. */
export async function readSamples(path: string): Promise<Int16Array> {
  const ffmpeg = spawn(
    process.env.RUSHES_FFMPEG ?? 'ffmpeg',
    ['-v', 'error', '-i', path, '-vn', '-ac', '1', '-ar', String(sampleRateHz), '-f', 's16le', 'pipe:1'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(ffmpeg, 'close');
  const parts: Buffer[] = [];
  for await (const part of ffmpeg.stdout as AsyncIterable<Buffer>) parts.push(part);
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`ffmpeg could not read the sound of ${path}`);
  const bytes = Buffer.concat(parts);
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

/** The instants at which a voice's beep begins, in milliseconds of the file, found by its tone (Goertzel). */
export function beepStarts(samples: Int16Array, { beepHz }: Voice): number[] {
  const levels: number[] = [];
  for (let at = 0; at + window <= samples.length; at += step) levels.push(toneLevel(samples, at, beepHz));
  return onsets(levels).map((index) => ((index * step + window / 2) / sampleRateHz) * 1000);
}

/** Where a tone begins in levels (amplitudes of 16-bit sound) that are 2 ms apart: indices into them. */
export function onsets(levels: readonly number[]): number[] {
  const loudest = [...levels].sort((a, b) => a - b)[Math.floor(levels.length * 0.98)] ?? 0;
  if (loudest < 300) return [];
  const starts: number[] = [];
  let quietSince = -Infinity;
  levels.forEach((level, index) => {
    if (level < loudest * 0.4) return;
    if (index - quietSince > 100) starts.push(index);
    quietSince = index;
  });
  return starts;
}

function toneLevel(samples: Int16Array, from: number, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz);
  let before = 0;
  let last = 0;
  for (let index = from; index < from + window; index++) {
    const next = samples[index]! + coefficient * last - before;
    before = last;
    last = next;
  }
  return (2 * Math.sqrt(Math.max(0, last * last + before * before - coefficient * last * before))) / window;
}

/**
 * Offsets of sound against picture, one for each flash that has a beep within half a second:
 * positive when the sound is late, in milliseconds.
 */
export function avOffsets(flashes: readonly number[], beeps: readonly number[]): number[] {
  return flashes.flatMap((flash) => {
    const nearest = beeps.reduce<number | undefined>(
      (best, beep) => (best === undefined || Math.abs(beep - flash) < Math.abs(best - flash) ? beep : best),
      undefined,
    );
    return nearest === undefined || Math.abs(nearest - flash) > 500 ? [] : [nearest - flash];
  });
}
