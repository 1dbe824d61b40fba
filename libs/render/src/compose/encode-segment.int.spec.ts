import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runFfmpegArgs } from '@rushes/media';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeSegment } from './encode-segment.ts';
import { readPictures } from './track-file.ts';

const stage = { width: 640, height: 360 };
const sizes = [
  { width: 320, height: 180 },
  { width: 180, height: 320 },
  { width: 1280, height: 720 },
];
let folder: string;
let url: string;
let platesFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-encode-segment-'));
  url = await writeTurnedCamera();
  platesFile = join(folder, 'p.mkv');
  const plate = ['-f', 'lavfi', '-i', 'color=c=black@0:s=640x360:r=10:d=6,format=yuva420p', '-c:v', 'ffv1'];
  await runFfmpegArgs(['-v', 'error', ...plate, platesFile]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One file as a camera's that is turned and then comes larger, two seconds each: grey, with a white line through its middle. */
async function writeTurnedCamera(): Promise<string> {
  const parts: string[] = [];
  for (const { width, height } of sizes) {
    const part = join(folder, `${width}.webm`);
    const line = `drawbox=y=ih/2-ih/20:h=ih/10:w=iw:color=white:t=fill`;
    const source = ['-f', 'lavfi', '-i', `color=c=0x808080:size=${width}x${height}:rate=10:duration=2,${line}`];
    await runFfmpegArgs(['-v', 'error', ...source, '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', part]);
    parts.push(`file ${part}`);
  }
  const list = join(folder, 'list.txt');
  await writeFile(list, parts.join('\n'));
  const camera = join(folder, 'camera.webm');
  await runFfmpegArgs(['-v', 'error', '-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', camera]);
  return camera;
}

/** The camera alone on the stage, six seconds. */
async function encode(fit: 'contain' | 'cover'): Promise<string> {
  const outputFile = join(folder, `${fit}.mp4`);
  const file = { trackId: 'camera', kind: 'video', url, startMs: 0, durationMs: 6000, sizes } as const;
  const place = { trackId: 'camera', x: 0, y: 0, ...stage, order: 0, mirrored: false, fit } as const;
  await encodeSegment({
    segment: {
      frames: { from: 0, to: 60 },
      tiles: [{ ...place, box: { x0: 0, y0: 0, x1: stage.width, y1: stage.height } }],
      platesFile,
      maskFiles: [undefined],
    },
    grid: { fps: 10, fromMs: 0, frameCount: 60 },
    stage,
    tracks: new Map([[file.trackId, file]]),
    picturesOf: (track) => readPictures(track, 0, 6),
    outputFile,
    signal: new AbortController().signal,
    onFrames: () => undefined,
  });
  return outputFile;
}

/** Where the middle row, or column, of a frame is brighter than `level`, in tens of pixels: first and last. */
async function brightStretch(path: string, atSeconds: number, along: 'row' | 'column', level: number) {
  const crop = along === 'row' ? `crop=iw:2:0:${stage.height / 2}` : `crop=2:ih:${stage.width / 2}:0,transpose`;
  const line = ['-vf', crop, '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'];
  const bytes = await runFfmpegArgs(['-v', 'error', '-ss', String(atSeconds), '-i', path, '-frames:v', '1', ...line]);
  const length = along === 'row' ? stage.width : stage.height;
  const bright = [...bytes.subarray(0, length)].flatMap((value, at) => (value > level ? [at] : []));
  return [bright[0]!, bright.at(-1)!].map((at) => Math.round(at / 10));
}

it('keeps a whole picture in the middle of its tile when it is turned, and when it comes in another size', async () => {
  const film = await encode('contain');
  // Upright, 360 lines high: 202 columns in the middle.
  expect(await brightStretch(film, 1, 'row', 60)).toEqual([0, 64]);
  expect(await brightStretch(film, 3, 'row', 60)).toEqual([22, 42]);
  expect(await brightStretch(film, 5, 'row', 60)).toEqual([0, 64]);
});

it('shows the middle of a picture that fills its tile, also of a turned one and of one in another size', async () => {
  const film = await encode('cover');
  // The line is a tenth of the picture's height; upright, the picture is 1138 lines high, of which 360 show.
  expect(await brightStretch(film, 1, 'column', 200)).toEqual([16, 20]);
  expect(await brightStretch(film, 3, 'column', 200)).toEqual([12, 24]);
  expect(await brightStretch(film, 5, 'column', 200)).toEqual([16, 20]);
  expect(await brightStretch(film, 3, 'row', 60)).toEqual([0, 64]);
});
