import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whiteboardPlugin } from '@rushes/whiteboard';
import { openPlayerPages, type PlayerPages } from '../../../test/fixtures/player-pages.ts';
import { syntheticSurface, writeSyntheticRecording } from '../../../test/fixtures/synthetic-recording.ts';
import type { Layout, PerspectiveId, RenderPage, TileGeometry } from './types.ts';

declare const rushesStage: RenderPage;

let folder: string;
let pages: PlayerPages;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-render-page-'));
  await writeSyntheticRecording(folder, { participants: 4, plugins: [whiteboardPlugin] });
  pages = await openPlayerPages(folder);
  page = await pages.open('render-page');
});

afterAll(async () => {
  await pages?.close();
  await rm(folder, { recursive: true, force: true });
});

const dom: PerspectiveId = `dom:${syntheticSurface}`;

describe.each([['room'], [dom]] as [PerspectiveId][])('the render page in the perspective %s', (perspective) => {
  it.each([
    ['a chat line', 2000],
    ['a vote', 4000],
    ['a raised hand', 4500],
    ['a stroke', 5500],
    ['a shared screen', 7000],
  ])('shows %s from its own millisecond on and not before', async (_, atMs) => {
    await load(perspective, 'grid', 1280, 720);
    const before = await picture(atMs - 1);
    expect(await picture(atMs - 0.5)).toBe(before);
    expect(await picture(atMs)).not.toBe(before);
    expect(await picture(atMs - 1)).toBe(before);
  });

  it('gives the same picture however the instant was reached', async () => {
    await load(perspective, 'grid', 1280, 720);
    await picture(2500);
    await picture(6200);
    const stepped = await picture(7300);
    await picture(11_500);
    const back = await picture(7300);
    await load(perspective, 'grid', 1280, 720);
    expect(await picture(7300)).toBe(stepped);
    expect(back).toBe(stepped);
  });

  it('tells where the tiles are, to the pixel', async () => {
    await load(perspective, 'grid', 960, 540);
    const tiles = await show(7200);
    expect(tiles.map((tile) => tile.trackId)).toContain('scr-p1');
    expect(tiles.map((tile) => tile.order)).toEqual(tiles.map((_, index) => index));
    await page.evaluate(() => rushesStage.fillTiles({ 'cam-p2': 'rgb(255, 0, 255)' }));
    const tile = tiles.find((candidate) => candidate.trackId === 'cam-p2')!;
    const painted = await page.evaluate(extentOf, await screenshot(), [255, 0, 255]);
    expect(painted.left).toBe(Math.round(tile.x));
    expect(painted.top).toBe(Math.round(tile.y));
    expect(Math.abs(painted.right - (tile.x + tile.width))).toBeLessThanOrEqual(1);
    expect(Math.abs(painted.bottom - (tile.y + tile.height))).toBeLessThanOrEqual(1);
    await page.evaluate(() => rushesStage.fillTiles({}));
  });

  it('drops the tiles of who left', async () => {
    await load(perspective, 'grid', 1280, 720);
    expect((await show(9799)).map((tile) => tile.trackId)).toContain('cam-p4');
    expect((await show(9800)).map((tile) => tile.trackId)).not.toContain('cam-p4');
    expect((await show(11_000)).map((tile) => tile.trackId)).toContain('cam-p4b');
  });
});

describe('the render page', () => {
  it('puts the one who spoke last first in the speaker layout', async () => {
    await load('room', 'speaker', 1280, 720);
    for (const [atMs, trackId] of [
      [1100, 'cam-p1'],
      [2600, 'cam-p2'],
      [4100, 'cam-p1'],
    ] as const) {
      const [largest] = (await show(atMs)).sort((a, b) => b.width - a.width);
      expect(largest?.trackId).toBe(trackId);
    }
  });

  it('refuses a perspective that the recording does not have', async () => {
    await expect(load('dom:nobody', 'grid', 640, 360)).rejects.toThrow(
      'perspective: "dom:nobody" is not in the recording',
    );
  });
});

async function load(perspective: PerspectiveId, layout: Layout, width: number, height: number): Promise<void> {
  await page.setViewport({ width, height });
  const { manifestUrl } = pages;
  await page.evaluate((options) => rushesStage.load(options), { manifestUrl, perspective, layout, width, height });
}

async function show(atMs: number): Promise<TileGeometry[]> {
  return (await page.evaluate((atMs) => rushesStage.showAt(atMs), atMs)).tiles;
}

async function screenshot(): Promise<string> {
  return page.screenshot({ encoding: 'base64', optimizeForSpeed: true });
}

async function picture(atMs: number): Promise<string> {
  await show(atMs);
  return screenshot();
}

/** Runs in the page: the box of all pixels of one colour; `right` and `bottom` are excluded. */
async function extentOf(png: string, color: readonly number[]) {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  const context = canvas.getContext('2d')!;
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const box = { left: Infinity, top: Infinity, right: -1, bottom: -1 };
  for (let index = 0; index < data.length; index += 4) {
    if (color.some((value, channel) => data[index + channel] !== value)) continue;
    const x = (index / 4) % image.width;
    const y = Math.floor(index / 4 / image.width);
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x + 1);
    box.bottom = Math.max(box.bottom, y + 1);
  }
  return box;
}
