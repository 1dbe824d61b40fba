import { overlap } from './placed-tile.ts';
import type { PlacedTile } from './placed-tile.ts';

/** Which channel of which coded shot tells a tile's weight. */
export type TileCode = { shot: number; channel: 0 | 1 | 2 };

/**
 * The colour of a coded tile in its channel, and in the other two. Not pure red, green or blue: a page's `#f00` over a
 * red-coded tile would not be seen.
 */
export const codeHigh = 255;
export const codeLow = 2;

const codeColors = [
  `rgb(${codeHigh},${codeLow},${codeLow})`,
  `rgb(${codeLow},${codeHigh},${codeLow})`,
  `rgb(${codeLow},${codeLow},${codeHigh})`,
];
const black = 'rgb(0,0,0)';

/** Codes tiles so that no two that overlap share one: usually one shot is enough, however many tiles there are. */
export function assignCodes(tiles: readonly PlacedTile[]): TileCode[] {
  const codes: TileCode[] = [];
  for (const [index, tile] of tiles.entries()) {
    const taken = new Set(codes.filter((_, other) => overlap(tiles[other]!.box, tile.box)).map(codeNumber));
    let free = 0;
    while (taken.has(free)) free++;
    codes[index] = { shot: Math.floor(free / 3), channel: (free % 3) as 0 | 1 | 2 };
  }
  return codes;
}

export function shotCount(codes: readonly TileCode[]): number {
  return codes.reduce((most, { shot }) => Math.max(most, shot + 1), 0);
}

/** Fill colours for one coded shot: a tile that is coded in another shot is black. */
export function codedFill(
  tiles: readonly PlacedTile[],
  codes: readonly TileCode[],
  shot: number,
): Record<string, string> {
  return Object.fromEntries(
    tiles.map(({ trackId }, index) => [
      trackId,
      codes[index]!.shot === shot ? codeColors[codes[index]!.channel]! : black,
    ]),
  );
}

function codeNumber({ shot, channel }: TileCode): number {
  return shot * 3 + channel;
}
