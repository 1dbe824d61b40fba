import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whiteboardPlugin } from '@rushes/whiteboard';
import type { Manifest } from '@rushes/timeline';
import { avOffsets, beepStarts, readSamples } from '../../../test/content/read-audio.ts';
import { readFrames, type Box, type Picture } from '../../../test/content/read-video.ts';
import { bitStrip, writeSyntheticRecording } from '../../../test/fixtures/synthetic-recording.ts';
import { renderExport } from './render-export.ts';
import type { RenderResult } from './render-result.ts';
import { folderObjects } from './testing/folder-objects.ts';

const size = { width: 1280, height: 720 };
const fps = 30;
let folder: string;
let manifest: Manifest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-render-'));
  ({ manifest } = await writeSyntheticRecording(join(folder, 'recording'), {
    durationMs: 10_000,
    plugins: [whiteboardPlugin],
  }));
});
afterAll(() => rm(folder, { recursive: true }));

async function render(name: string, perspective: string): Promise<{ path: string; result: RenderResult }> {
  const path = join(folder, `${name}.mp4`);
  const workFolder = join(folder, `${name}-work`);
  const request = { perspective, layout: 'grid', ...size, fps } as const;
  const result = await renderExport({
    objects: folderObjects(join(folder, 'recording')),
    request,
    workFolder,
    outputFile: path,
  });
  return { path, result };
}

/** The number in a tile's bit strip; undefined when black and white are not told apart. */
function readNumber(picture: Picture, tile: Box): number | undefined {
  const { bits, left, top, width, height } = bitStrip;
  const blockWidth = (Math.round((640 * width) / bits) / 640) * tile.width;
  const y = Math.round(tile.y + tile.height * (top + height / 2));
  let number = 0;
  for (let bit = 0; bit < bits; bit++) {
    const x = Math.round(tile.x + tile.width * left + (bit + 0.5) * blockWidth);
    const level = picture.data[y * picture.width + x]!;
    if (level > 90 && level < 160) return undefined;
    number = number * 2 + (level >= 160 ? 1 : 0);
  }
  return number;
}

/** Mean brightness of the tile's upper part, where nothing lies over the picture. */
function brightness(picture: Picture, tile: Box): number {
  let sum = 0;
  let count = 0;
  for (let y = tile.y + 40; y < tile.y + 60; y++) {
    for (let x = tile.x + 100; x < tile.x + tile.width - 100; x += 3, count++)
      sum += picture.data[y * picture.width + x]!;
  }
  return sum / count;
}

function startOf(trackId: string): number {
  return manifest.tracks.find((track) => track.trackId === trackId)!.media!.startMs;
}

/** The first frame from `fromFrame` on in which an area differs from the frame before by more than coding noise. */
function firstChange(frames: readonly Picture[], area: Box, fromFrame: number): number {
  for (let n = fromFrame; n < frames.length; n++) {
    let different = 0;
    for (let y = area.y; y < area.y + area.height; y++) {
      for (let x = area.x; x < area.x + area.width; x++) {
        const at = y * size.width + x;
        if (Math.abs(frames[n]!.data[at]! - frames[n - 1]!.data[at]!) > 40) different++;
      }
    }
    if (different > 25) return n;
  }
  return -1;
}

async function readAll(path: string): Promise<Picture[]> {
  const frames: Picture[] = [];
  for await (const { data, ...rest } of readFrames(path, { ...size, pixelFormat: 'gray' }))
    frames.push({ ...rest, data: Buffer.from(data) });
  return frames;
}

type Place = { name: string; perspective: string; tiles: Record<string, Box>; side: Box };
const perspectives: Place[] = [
  {
    name: 'room',
    perspective: 'room',
    // Where the grid of three stands until the screen is shared at 7 s; see the picture of the stage.
    tiles: {
      'cam-p1': { x: 16, y: 93, width: 462, height: 260 },
      'cam-p2': { x: 492, y: 93, width: 462, height: 260 },
      'cam-p3': { x: 254, y: 367, width: 462, height: 260 },
    },
    side: { x: 970, y: 10, width: 300, height: 700 },
  },
  {
    name: 'dom',
    perspective: 'dom:page-p1',
    tiles: {
      'cam-p1': { x: 16, y: 16, width: 440, height: 248 },
      'cam-p2': { x: 472, y: 16, width: 440, height: 248 },
      'cam-p3': { x: 16, y: 280, width: 440, height: 248 },
    },
    side: { x: 932, y: 16, width: 340, height: 700 },
  },
];

describe.each(perspectives)('the MP4 of the $name perspective', ({ name, perspective, tiles, side }) => {
  let frames: Picture[];
  let path: string;
  let result: RenderResult;
  beforeAll(async () => {
    ({ path, result } = await render(name, perspective));
    frames = await readAll(path);
  });

  it('keeps all its promises and leaves only its chunks behind', async () => {
    expect(result.verification.filter(({ ok }) => !ok)).toEqual([]);
    expect(result.warnings).toEqual([]);
    expect(frames.length).toBe(300);
    expect((await readdir(join(folder, `${name}-work`))).filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  it.each(Object.entries(tiles))(
    'shows at each instant the picture that %s captured then, within one frame',
    (trackId, tile) => {
      let read = 0;
      for (let n = 30; n < 205; n++) {
        const number = readNumber(frames[n]!, tile);
        if (number === undefined) continue;
        const captured = ((n * 1000) / fps - startOf(trackId)) * (30 / 1000);
        expect(Math.abs(number - Math.floor(captured + 0.05)), `frame ${n} shows ${number}`).toBeLessThanOrEqual(1);
        read++;
      }
      expect(read).toBeGreaterThan(160);
    },
  );

  it('flashes and beeps at the same moment for each participant', async () => {
    const samples = await readSamples(path);
    for (const [trackId, tile] of Object.entries(tiles)) {
      const levels = frames.slice(0, 205).map((frame) => brightness(frame, tile));
      // Before it begins, somebody else's picture may lie in its place.
      const first = Math.max(1, Math.ceil((startOf(trackId) * fps) / 1000));
      const flashes = levels.flatMap((level, n) =>
        n >= first && level > 240 && levels[n - 1]! < 240 ? [(n * 1000) / fps] : [],
      );
      const microphone = manifest.tracks.findIndex((track) => track.trackId === trackId.replace('cam', 'mic'));
      const beeps = beepStarts(samples, { rgb: [0, 0, 0], beepHz: 500 + 120 * microphone });
      const offsets = avOffsets(flashes, beeps);
      expect(offsets.length, `${trackId}: ${flashes.join()} / ${beeps.join()}`).toBeGreaterThanOrEqual(4);
      // One frame of the grid, and the reader's window.
      for (const offset of offsets)
        expect(Math.abs(offset), `${trackId}: ${flashes.join()} / ${beeps.join()}`).toBeLessThan(45);
    }
  });

  it.each([
    ['a chat line', 2000],
    ['a vote', 4000],
    ['a stroke', 5500],
  ])('shows %s in the frame of its instant, or the one after', (_, atMs) => {
    const expected = (atMs * fps) / 1000;
    const change = firstChange(frames, side, expected - 8);
    expect(change - expected).toBeGreaterThanOrEqual(0);
    expect(change - expected).toBeLessThanOrEqual(1);
  });

  it('keeps the name label over the picture', () => {
    const tile = tiles['cam-p1']!;
    // The label darkens the white of a flash: left half of its box, at the tile's lower left.
    const flash = frames[31]!;
    const y = tile.y + tile.height - 14;
    const label = flash.data[y * size.width + tile.x + 14]!;
    const beside = flash.data[y * size.width + tile.x + 300]!;
    expect(beside).toBeGreaterThan(235);
    expect(label).toBeLessThan(160);
  });
});
