import type { TrackId } from '@rushes/timeline';

/** What the page says about a tile (see the player's `TileGeometry`), and whether its picture is mirrored. */
export type StageTile = {
  trackId: TrackId;
  x: number;
  y: number;
  width: number;
  height: number;
  fit: 'cover' | 'contain';
  order: number;
  mirrored: boolean;
};

/** A rectangle of whole pixels; `x1` and `y1` are excluded. All even, since the output's chroma has half the resolution. */
export type Box = { x0: number; y0: number; x1: number; y1: number };

/** A tile whose picture will be composed. */
export type PlacedTile = StageTile & {
  /** The smallest even rectangle around the tile; may reach past the stage's edges. */
  box: Box;
};

/** The tiles that show something of a track with pictures, in paint order. */
export function placeTiles(
  tiles: readonly StageTile[],
  stage: { width: number; height: number },
  hasPictures: (trackId: TrackId) => boolean,
): PlacedTile[] {
  return tiles
    .map((tile) => ({ ...tile, box: evenBox(tile) }))
    .filter(({ trackId, box }) => {
      const isOnStage = box.x0 < stage.width && box.y0 < stage.height && box.x1 > 0 && box.y1 > 0;
      return isOnStage && box.x1 > box.x0 && box.y1 > box.y0 && hasPictures(trackId);
    })
    .sort((a, b) => a.order - b.order);
}

export function overlap(a: Box, b: Box): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

/** Whether the same pictures lie in the same places. */
export function isSamePlacing(a: readonly PlacedTile[], b: readonly PlacedTile[]): boolean {
  return a.length === b.length && a.every((tile, index) => placingKey(tile) === placingKey(b[index]!));
}

export function placingKey({ trackId, box, fit, mirrored }: PlacedTile): string {
  return `${trackId} ${box.x0} ${box.y0} ${box.x1} ${box.y1} ${fit} ${mirrored}`;
}

/** A hair of tolerance, so that 100.0001 does not become 102. */
function evenBox({ x, y, width, height }: StageTile): Box {
  const slack = 0.01;
  return {
    x0: Math.floor((x + slack) / 2) * 2,
    y0: Math.floor((y + slack) / 2) * 2,
    x1: Math.ceil((x + width - slack) / 2) * 2,
    y1: Math.ceil((y + height - slack) / 2) * 2,
  };
}
