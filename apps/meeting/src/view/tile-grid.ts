export type TileGrid = { columns: number; tileWidth: number; tileHeight: number };

/**
 * The grid of 16:9 tiles that is largest in the given box. Whole pixels, heights rounded down from the widths, so that
 * pictures are never cropped by more than a pixel.
 */
export function fitTiles(count: number, box: { width: number; height: number }, gap: number): TileGrid {
  let best: TileGrid = { columns: 1, tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const widest = (box.width - gap * (columns - 1)) / columns;
    const highest = (box.height - gap * (rows - 1)) / rows;
    const sixteenths = Math.floor(Math.min(widest / 16, highest / 9));
    if (sixteenths * 16 > best.tileWidth) best = { columns, tileWidth: sixteenths * 16, tileHeight: sixteenths * 9 };
  }
  return best;
}
