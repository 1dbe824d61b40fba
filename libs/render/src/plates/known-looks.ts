import { createHash } from 'node:crypto';
import type { RgbPicture } from './decode-png.ts';
import type { TileWeights } from './matting.ts';
import { placingKey } from './placed-tile.ts';
import type { Box, PlacedTile } from './placed-tile.ts';

/** What a tile's box looks like without its picture, and the picture's share of each of its pixels. */
export type TileLook = {
  /** Three bytes a pixel, row by row, of the part of the box that lies on the stage. */
  black: Uint8Array;
  weights: TileWeights;
};

/** Bytes of looks that are kept. */
const limitBytes = 24 << 20;

/**
 * Remembers how tiles looked, by what their coded pixels were: a frame around whoever speaks comes and goes all the time, and the
 * same coded pixels mean the same black ones. Only for tiles that overlap no other. The one not used for longest goes first.
 */
export class KnownLooks {
  private readonly looks = new Map<string, TileLook>();
  private bytes = 0;

  find(tile: PlacedTile, coded: RgbPicture): TileLook | undefined {
    const key = keyOf(tile, coded);
    const look = this.looks.get(key);
    if (!look) return undefined;
    this.looks.delete(key);
    this.looks.set(key, look);
    return look;
  }

  /** @param weights are kept, not copied */
  remember(tile: PlacedTile, coded: RgbPicture, black: RgbPicture, weights: TileWeights): void {
    const key = keyOf(tile, coded);
    if (this.looks.has(key)) return;
    const look = { black: copyBox(black, tile.box), weights };
    this.looks.set(key, look);
    this.bytes += sizeOf(look);
    for (const [oldest, other] of this.looks) {
      if (this.bytes <= limitBytes) break;
      this.looks.delete(oldest);
      this.bytes -= sizeOf(other);
    }
  }
}

/** Puts a look's pixels into the picture. */
export function pasteBlack({ black }: TileLook, box: Box, into: RgbPicture): void {
  let from = 0;
  for (const [at, end] of boxRows(into, box)) {
    into.data.set(black.subarray(from, from + end - at), at);
    from += end - at;
  }
}

/** The byte ranges of a box's rows in a picture. */
export function* boxRows({ width, height }: RgbPicture, box: Box): Generator<[number, number]> {
  const x0 = Math.max(0, box.x0);
  const x1 = Math.min(width, box.x1);
  for (let y = Math.max(0, box.y0); y < Math.min(height, box.y1); y++) {
    yield [(y * width + x0) * 3, (y * width + x1) * 3];
  }
}

function keyOf(tile: PlacedTile, coded: RgbPicture): string {
  const hash = createHash('sha1');
  for (const [at, end] of boxRows(coded, tile.box)) hash.update(coded.data.subarray(at, end));
  return `${placingKey(tile)} ${hash.digest('base64')}`;
}

function copyBox(picture: RgbPicture, box: Box): Uint8Array {
  const rows = [...boxRows(picture, box)].map(([at, end]) => picture.data.subarray(at, end));
  return Buffer.concat(rows);
}

function sizeOf({ black, weights }: TileLook): number {
  return black.length + weights.length;
}
