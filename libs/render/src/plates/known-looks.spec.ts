import { expect, it } from 'vitest';
import type { RgbPicture } from './decode-png.ts';
import { KnownLooks, pasteBlack } from './known-looks.ts';
import type { PlacedTile } from './placed-tile.ts';

const tile: PlacedTile = {
  ...{ trackId: 'a', x: 2, y: 2, width: 4, height: 4, fit: 'cover', order: 0, mirrored: false },
  box: { x0: 2, y0: 2, x1: 6, y1: 6 },
};

function picture(level: number, changes: Record<number, number> = {}): RgbPicture {
  const data = new Uint8Array(8 * 8 * 3).fill(level);
  for (const [at, value] of Object.entries(changes)) data[Number(at)] = value;
  return { width: 8, height: 8, data };
}

const inBox = (3 * 8 + 3) * 3;
const outside = 0;

it('knows a tile again by the coded pixels of its box, whatever lies around it', () => {
  const known = new KnownLooks();
  known.remember(tile, picture(200), picture(10), new Uint8Array(16).fill(7));
  expect(known.find(tile, picture(200, { [outside]: 1 }))?.weights[0]).toBe(7);
  expect(known.find(tile, picture(200, { [inBox]: 1 }))).toBeUndefined();
  expect(known.find({ ...tile, trackId: 'b' }, picture(200))).toBeUndefined();
});

it('puts back the black pixels of the box and no others', () => {
  const known = new KnownLooks();
  known.remember(tile, picture(200), picture(10), new Uint8Array(16));
  const into = picture(99);
  pasteBlack(known.find(tile, picture(200))!, tile.box, into);
  expect(into.data[inBox]).toBe(10);
  expect(into.data[outside]).toBe(99);
  expect(into.data.filter((value) => value === 10).length).toBe(16 * 3);
});

it('forgets what has not been seen for longest when it holds too much', () => {
  const known = new KnownLooks();
  const weights = new Uint8Array(9 << 20);
  for (const level of [1, 2]) known.remember(tile, picture(level), picture(0), weights);
  expect(known.find(tile, picture(1))).toBeDefined();
  known.remember(tile, picture(3), picture(0), weights);
  expect([1, 2, 3].map((level) => known.find(tile, picture(level)) !== undefined)).toEqual([true, false, true]);
});
