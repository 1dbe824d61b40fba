import type { FrameRange } from '../plan/frame-grid.ts';
import type { PlacedTile } from '../plates/placed-tile.ts';

/** A stretch of frames in which the pictures lie still: one run of the encoder. */
export type Segment = {
  frames: FrameRange;
  tiles: readonly PlacedTile[];
  /** Picture stream of the plates; its time 0 is the first frame. */
  platesFile: string;
  /** For each tile: the picture stream of its alpha over earlier tiles, if it needs one. */
  maskFiles: readonly (string | undefined)[];
};
