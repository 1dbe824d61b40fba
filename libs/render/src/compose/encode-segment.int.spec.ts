import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runFfmpegArgs } from '@rushes/media';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeSegment } from './encode-segment.ts';
import { readPictures } from './track-file.ts';

const stage = { width: 640, height: 360 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-encode-segment-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One file as a camera's that is turned and then comes larger: two seconds each. */
async function writeTurnedCamera(): Promise<string> {
  const parts: string[] = [];
  for (const size of ['320x180', '180x320', '1280x720']) {
    const part = join(folder, `${size}.webm`);
    const source = ['-f', 'lavfi', '-i', `color=c=0xffffff:size=${size}:rate=10:duration=2`];
    await runFfmpegArgs(['-v', 'error', ...source, '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', part]);
    parts.push(`file ${part}`);
  }
  const list = join(folder, 'list.txt');
  await writeFile(list, parts.join('\n'));
  const camera = join(folder, 'camera.webm');
  await runFfmpegArgs(['-v', 'error', '-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', camera]);
  return camera;
}

/** Where the middle row of a frame is bright: first and last column. */
async function brightColumns(path: string, atSeconds: number): Promise<[number, number]> {
  const row = ['-vf', `crop=${stage.width}:2:0:${stage.height / 2}`, '-pix_fmt', 'gray', '-f', 'rawvideo', 'pipe:1'];
  const bytes = await runFfmpegArgs(['-v', 'error', '-ss', String(atSeconds), '-i', path, '-frames:v', '1', ...row]);
  const bright = [...bytes.subarray(0, stage.width)].flatMap((value, column) => (value > 150 ? [column] : []));
  return [bright[0]!, bright.at(-1)!];
}

it('keeps a picture in the middle of its tile when it is turned, and when it comes in another size', async () => {
  const [url, platesFile, outputFile] = [await writeTurnedCamera(), join(folder, 'p.mkv'), join(folder, 'out.mp4')];
  const plate = ['-f', 'lavfi', '-i', 'color=c=black@0:s=640x360:r=10:d=6,format=yuva420p', '-c:v', 'ffv1'];
  await runFfmpegArgs(['-v', 'error', ...plate, platesFile]);
  const file = { trackId: 'camera', kind: 'video', url, startMs: 0, durationMs: 6000 } as const;
  const place = { trackId: 'camera', x: 0, y: 0, ...stage, order: 0, mirrored: false, fit: 'contain' } as const;
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
  // Upright, 360 lines high: 202 columns in the middle.
  const seen = [
    await brightColumns(outputFile, 1),
    await brightColumns(outputFile, 3),
    await brightColumns(outputFile, 5),
  ];
  const [before, turned, larger] = seen.map(([first, last]) => [Math.round(first / 10), Math.round(last / 10)]);
  expect({ before, turned, larger }).toEqual({ before: [0, 64], turned: [22, 42], larger: [0, 64] });
});
