import { describe, expect, it } from 'vitest';
import { fitTiles } from './tile-grid.ts';

describe('fitTiles', () => {
  it('gives one person all there is', () => {
    expect(fitTiles(1, { width: 1600, height: 900 }, 8)).toEqual({ columns: 1, tileWidth: 1600, tileHeight: 900 });
  });

  it('stacks tiles on a phone and puts them side by side on a wide screen', () => {
    expect(fitTiles(2, { width: 390, height: 700 }, 8).columns).toBe(1);
    expect(fitTiles(2, { width: 1280, height: 500 }, 8).columns).toBe(2);
  });

  it('keeps every tile exactly 16:9 and inside the box', () => {
    for (let count = 1; count <= 25; count++) {
      const box = { width: 1013, height: 611 };
      const { columns, tileWidth, tileHeight } = fitTiles(count, box, 8);
      const rows = Math.ceil(count / columns);
      expect(tileWidth * 9).toBe(tileHeight * 16);
      expect(columns * tileWidth + (columns - 1) * 8).toBeLessThanOrEqual(box.width);
      expect(rows * tileHeight + (rows - 1) * 8).toBeLessThanOrEqual(box.height);
      expect(columns * rows).toBeGreaterThanOrEqual(count);
    }
  });
});
