import { describe, expect, it } from 'vitest';
import { roomGeometry, type Rect } from './room-geometry.ts';

const sizes = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 640, height: 360 },
  { width: 390, height: 219 },
  { width: 390, height: 700 },
];

function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe.each(sizes)('on a stage of $width × $height', (size) => {
  it.each(['grid', 'speaker'] as const)(
    'places any number of 16:9 tiles inside and apart in the %s layout',
    (layout) => {
      for (const hasScreen of [false, true]) {
        for (let tileCount = 1; tileCount <= 16; tileCount++) {
          const { tiles, panel } = roomGeometry({ size, layout, tileCount, hasScreen });
          expect(tiles).toHaveLength(tileCount);
          for (const [index, tile] of tiles.entries()) {
            expect(Object.values(tile).every(Number.isInteger)).toBe(true);
            expect(tile.x >= 0 && tile.y >= 0).toBe(true);
            expect(tile.x + tile.width <= size.width && tile.y + tile.height <= size.height).toBe(true);
            expect(Math.abs(tile.width - (tile.height * 16) / 9)).toBeLessThanOrEqual(2);
            expect(panel && overlaps(tile, panel)).toBeFalsy();
            expect(tiles.slice(index + 1).some((other) => overlaps(tile, other))).toBe(false);
          }
        }
      }
    },
  );
});

describe('a layout', () => {
  it('makes all tiles of a grid equal, and the first of a speaker layout the largest', () => {
    const size = sizes[0]!;
    const grid = roomGeometry({ size, layout: 'grid', tileCount: 5, hasScreen: false }).tiles;
    expect(new Set(grid.map((tile) => tile.width)).size).toBe(1);
    const speaker = roomGeometry({ size, layout: 'speaker', tileCount: 5, hasScreen: false }).tiles;
    expect(speaker[0]!.width).toBeGreaterThan(2 * speaker[1]!.width);
  });

  it('leaves the side panel out where there is no room for it', () => {
    expect(roomGeometry({ size: sizes[0]!, layout: 'grid', tileCount: 2, hasScreen: false }).panel).not.toBeNull();
    expect(roomGeometry({ size: sizes[3]!, layout: 'grid', tileCount: 2, hasScreen: false }).panel).toBeNull();
  });
});
