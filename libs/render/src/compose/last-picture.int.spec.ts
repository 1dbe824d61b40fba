import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runFfmpegArgs } from '@rushes/media';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeSegment } from './encode-segment.ts';
import { readPictures, type TrackFile } from './track-file.ts';

const stage = { width: 320, height: 180 };
const fps = 30;

let folder: string;
let file: TrackFile;
let platesFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-segment-'));
  const url = join(folder, 'camera.webm');
  platesFile = join(folder, 'plates.nut');
  const size = `${stage.width}x${stage.height}`;
  await runFfmpegArgs(['-v', 'error', '-f', 'lavfi', '-i', `testsrc=s=${size}:r=${fps}:d=1`, '-c:v', 'libvpx', url]);
  const plate = `color=c=black@0:s=${size}:r=${fps}:d=1,format=yuva420p`;
  await runFfmpegArgs(['-v', 'error', '-f', 'lavfi', '-i', plate, '-c:v', 'ffv1', platesFile]);
  file = { trackId: 'camera', kind: 'video', url, startMs: 0, durationMs: 1000 };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  ['among its pictures', 10, 1],
  ['from its last picture on', 29, 1],
  ['after its last picture', 30, 1],
  ['long after its last picture', 60, 4],
])('has every frame of a segment that lies %s', async (_where, from, frames) => {
  const outputFile = join(folder, `segment-${from}.mp4`);
  const [width, height] = [160, 90];
  const box = { x0: 0, y0: 0, x1: width, y1: height };
  const place = { x: 0, y: 0, width, height, order: 0 };
  await encodeSegment({
    segment: {
      frames: { from, to: from + frames },
      tiles: [{ trackId: 'camera', ...place, box, fit: 'cover', mirrored: false }],
      platesFile,
      maskFiles: [undefined],
    },
    grid: { fps, fromMs: 15, frameCount: 100 },
    stage,
    tracks: new Map([['camera', file]]),
    picturesOf: (each) => readPictures(each, 0, 10),
    outputFile,
    signal: new AbortController().signal,
    onFrames: () => undefined,
  });
  const counted = await runFfmpegArgs(
    ['-v', 'error', '-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', outputFile],
    { program: 'ffprobe' },
  );
  expect(Number(counted.toString())).toBe(frames);
});
