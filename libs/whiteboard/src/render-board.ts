import type { Board, Point, Stroke } from './board.ts';

/** The board's own coordinates; 16:9 like the tiles. */
export const boardSize = { width: 1600, height: 900 } as const;

/** The board as one SVG document with a fixed viewBox, every attribute escaped. */
export function renderBoard(board: Board): string {
  const { width, height } = boardSize;
  const paths = board.strokes.map(
    (stroke) =>
      `<path d="${escapeAttribute(strokePath(stroke.points))}" fill="none" stroke="${escapeAttribute(stroke.color)}" ` +
      `stroke-width="${strokeWidth(stroke)}" stroke-linecap="round" stroke-linejoin="round"/>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">` +
    `<rect width="${width}" height="${height}" fill="#ffffff"/>${paths.join('')}</svg>`
  );
}

/** SVG path data in board coordinates: through the midpoints of neighbours, so that a drawn line looks drawn. */
export function strokePath(points: readonly Point[]): string {
  const [first, ...rest] = points.map(toBoard);
  if (!first) return '';
  // A line to itself: round caps make a dot of it.
  if (rest.length === 0) return `M${at(first)}L${at(first)}`;
  let path = `M${at(first)}`;
  let previous = first;
  for (const point of rest) {
    path += `Q${at(previous)} ${at(midpoint(previous, point))}`;
    previous = point;
  }
  return `${path}L${at(previous)}`;
}

/** Thickness in board coordinates. */
export function strokeWidth(stroke: Pick<Stroke, 'width'>): number {
  return rounded(stroke.width * boardSize.width);
}

function toBoard([x, y]: Point): Point {
  return [x * boardSize.width, y * boardSize.height];
}

function midpoint(a: Point, b: Point): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

function at([x, y]: Point): string {
  return `${rounded(x)} ${rounded(y)}`;
}

/** Tenths of a board unit: finer than a pixel at any size shown. Anything but a finite number becomes 0. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : 0;
}

function escapeAttribute(text: string): string {
  return String(text)
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
