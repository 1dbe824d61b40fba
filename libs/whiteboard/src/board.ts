import type { ParticipantId } from '@rushes/timeline';

/** Colours a stroke may have: readable on the white board, told apart by people with red-green colour blindness. */
export const palette = ['#1d2433', '#d6336c', '#e8590c', '#2b8a3e', '#1971c2', '#7048e8'] as const;
export type PaletteColor = (typeof palette)[number];

/** A place on the board: x and y as fractions, 0..1, of its width and height. */
export type Point = [x: number, y: number];

export type Stroke = {
  strokeId: string;
  /** Who drew it; only they can extend or undo it. */
  participantId: ParticipantId;
  color: PaletteColor;
  /** Thickness as a fraction of the board's width. */
  width: number;
  points: Point[];
};

/** What stands on the board, in the order in which it was drawn. */
export type Board = { strokes: Stroke[] };

export const emptyBoard: Board = { strokes: [] };

/** The board keeps the newest this many strokes; a snapshot of it stays small enough for a chunk. */
export const maxStrokes = 2000;
/** Longest stroke; what would go beyond is dropped. */
export const maxPointsPerStroke = 2000;
