import type { RgbPicture } from './decode-png.ts';
import type { PlacedTile } from './placed-tile.ts';
import { codeHigh, codeLow } from './tile-codes.ts';
import type { TileCode } from './tile-codes.ts';

/** Each tile's share of each pixel of its box, 0 to 255, row by row; the box is cut at the stage's edges on reading only. */
export type TileWeights = Uint8Array;

export type Matte = {
  /** One for each tile, of its box's size. */
  weights: TileWeights[];
  /** Pixels whose colours do not follow `shot1 + Σ weight × picture`, of those looked at. */
  oddPixels: number;
};

/** A difference of more than this many levels in a channel that should not differ is no rounding. */
const oddLevels = 8;

/**
 * Reads each tile's weight per pixel out of the difference between the black shot and the coded ones.
 *
 * A coded shot adds `high × weight` to a tile's own channel and `low × Σ weight` to the others, so with `S` the sum over
 * the channels, `Σ weight = S / (high + 2 low)` and `weight = (difference − low Σ weight) / (high − low)`: exact to rounding.
 */
export function readWeights(
  tiles: readonly PlacedTile[],
  codes: readonly TileCode[],
  black: RgbPicture,
  coded: readonly RgbPicture[],
): Matte {
  let oddPixels = 0;
  const weights = tiles.map((tile, index) => {
    const { shot, channel } = codes[index]!;
    const { box } = tile;
    const boxWidth = box.x1 - box.x0;
    const out = new Uint8Array(boxWidth * (box.y1 - box.y0));
    const lit = coded[shot]!.data;
    const dark = black.data;
    const lastX = Math.min(box.x1, black.width);
    for (let y = Math.max(0, box.y0); y < Math.min(box.y1, black.height); y++) {
      let to = (y - box.y0) * boxWidth + Math.max(0, -box.x0);
      let from = (y * black.width + Math.max(0, box.x0)) * 3;
      for (let x = Math.max(0, box.x0); x < lastX; x++, to++, from += 3) {
        const red = lit[from]! - dark[from]!;
        const green = lit[from + 1]! - dark[from + 1]!;
        const blue = lit[from + 2]! - dark[from + 2]!;
        const all = (red + green + blue) / (codeHigh + 2 * codeLow);
        const own = channel === 0 ? red : channel === 1 ? green : blue;
        if (red < -oddLevels || green < -oddLevels || blue < -oddLevels || all > 1.03) oddPixels++;
        const weight = ((own - codeLow * all) / (codeHigh - codeLow)) * 255;
        out[to] = weight <= 0 ? 0 : weight >= 254.5 ? 255 : weight + 0.5;
      }
    }
    return out;
  });
  return { weights, oddPixels };
}

/** Adds the tiles' weights to `sum`, which has one byte for each pixel of the stage; at most 255. */
export function addWeights(
  sum: Uint8Array,
  tiles: readonly PlacedTile[],
  weights: readonly TileWeights[],
  stage: { width: number; height: number },
): void {
  forEachPixel(tiles, weights, stage, (at, weight) => {
    sum[at] = Math.min(255, sum[at]! + weight);
  });
}

/** Puts the weights of a tile that overlaps no other into `sum`. */
export function setWeights(
  sum: Uint8Array,
  { box }: PlacedTile,
  weights: TileWeights,
  stage: { width: number; height: number },
): void {
  const boxWidth = box.x1 - box.x0;
  const x0 = Math.max(0, box.x0);
  const x1 = Math.min(box.x1, stage.width);
  for (let y = Math.max(0, box.y0); y < Math.min(box.y1, stage.height); y++) {
    const from = (y - box.y0) * boxWidth - box.x0;
    sum.set(weights.subarray(from + x0, from + x1), y * stage.width + x0);
  }
}

/**
 * Alpha of each tile's picture over those painted before it, of its box's size: `wₖ / Σ_{j ≤ k} wⱼ`. Painting the pictures
 * in order with these and then the plate gives `shot1 + Σ weight × picture` on every pixel, however tiles overlap.
 * `undefined` for a tile that lies on no other: it needs none.
 */
export function overlapMasks(
  tiles: readonly PlacedTile[],
  weights: readonly TileWeights[],
  stage: { width: number; height: number },
  overlapsEarlier: readonly boolean[],
): (Uint8Array | undefined)[] {
  if (!overlapsEarlier.includes(true)) return tiles.map(() => undefined);
  const sum = new Uint16Array(stage.width * stage.height);
  return tiles.map((tile, index) => {
    const mask = new Uint8Array(weights[index]!.length).fill(255);
    forEachPixel([tile], [weights[index]!], stage, (at, weight, inBox) => {
      sum[at]! += weight;
      const below = sum[at]!;
      // Where nothing shows, the plate covers everything: any value does.
      mask[inBox] = below === 0 ? 255 : Math.round((weight * 255) / below);
    });
    return overlapsEarlier[index] ? mask : undefined;
  });
}

function forEachPixel(
  tiles: readonly PlacedTile[],
  weights: readonly TileWeights[],
  stage: { width: number; height: number },
  visit: (at: number, weight: number, inBox: number) => void,
): void {
  for (const [index, { box }] of tiles.entries()) {
    const own = weights[index]!;
    const boxWidth = box.x1 - box.x0;
    for (let y = Math.max(0, box.y0); y < Math.min(box.y1, stage.height); y++) {
      for (let x = Math.max(0, box.x0); x < Math.min(box.x1, stage.width); x++) {
        const inBox = (y - box.y0) * boxWidth + (x - box.x0);
        visit(y * stage.width + x, own[inBox]!, inBox);
      }
    }
  }
}
