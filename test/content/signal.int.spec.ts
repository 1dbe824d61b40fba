import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { avOffsets, beepStarts, readSamples } from './read-audio.ts';
import { findTile, flashStarts, readFrames, readTiles } from './read-video.ts';
import { readStrip, signal, voices } from './signal.ts';
import { writeCameraFile, writeMicrophoneFile } from './write-signal.ts';

describe('the test signal', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rushes-signal-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is found again, frame by frame, in a smaller and shifted picture mixed with another', async () => {
    const [a, b] = voices;
    await Promise.all([
      writeCameraFile(join(folder, 'a.mjpeg'), { seconds: 3, voice: a }),
      writeCameraFile(join(folder, 'b.mjpeg'), { seconds: 3, voice: b }),
      writeMicrophoneFile(join(folder, 'a.wav'), { seconds: 3, voice: a }),
      writeMicrophoneFile(join(folder, 'b.wav'), { seconds: 3, voice: b }),
    ]);
    const mixed = join(folder, 'mixed.mp4');
    const filter =
      '[0:v]scale=320:180,pad=720:406:20:30[a];[1:v]scale=320:180[b];[a][b]overlay=360:30[v];' +
      '[2:a][3:a]amix=normalize=0[s]';
    const inputs = ['a.mjpeg', 'b.mjpeg', 'a.wav', 'b.wav'].flatMap((name) => ['-i', join(folder, name)]);
    await promisify(execFile)('ffmpeg', [
      ...['-v', 'error', '-r', '30', ...inputs.slice(0, 2), '-r', '30', ...inputs.slice(2)],
      ...['-filter_complex', filter, '-map', '[v]', '-map', '[s]', '-r', '30', mixed],
    ]);
    const frames = readFrames(mixed, { width: 720, height: 406, pixelFormat: 'rgb24', fromSeconds: 0.5 });
    const first = await frames.next();
    if (first.done) throw new Error('the mixed film has no picture');
    const picture = first.value;
    const samples = await readSamples(mixed);
    for (const [voice, x] of [
      [a, 20],
      [b, 360],
    ] as const) {
      const box = findTile(picture, voice)!;
      expect(Math.abs(box.x - x)).toBeLessThanOrEqual(2);
      expect(Math.abs(box.width - 320)).toBeLessThanOrEqual(4);
      const [shown] = await readTiles(mixed, { width: 720, height: 406, fps: signal.fps, voices: [voice] });
      expect(shown!.map(({ frameNumber }) => frameNumber)).toEqual(shown!.map((_, index) => index));
      const flashes = flashStarts(shown!);
      expect(flashes).toEqual([1000, 2000]);
      const beeps = beepStarts(samples, voice);
      expect(beeps.length).toBe(3);
      for (const offset of avOffsets(flashes, beeps)) expect(Math.abs(offset)).toBeLessThan(12);
    }
    expect(findTile(picture, voices[3])).toBeUndefined();
  });

  it('is not read from a picture without a strip', () => {
    expect(readStrip(new Array<number>(20).fill(128))).toBeUndefined();
    expect(readStrip([255, 0, ...new Array<number>(16).fill(0), 255, 255])).toBeUndefined();
  });
});
