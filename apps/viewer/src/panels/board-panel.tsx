import type { JSX } from 'preact';
import { boardOf, renderBoard } from '@rushes/whiteboard';
import type { RoomState } from '@rushes/timeline';

/** The whiteboard at the playing instant: its strokes as vectors, sharp at any size. */
export function BoardPanel({ now }: { now: RoomState | undefined }): JSX.Element {
  const board = now ? boardOf(now) : undefined;
  if (!board || board.strokes.length === 0) return <p class="panel-empty">The whiteboard is empty at this moment.</p>;
  const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(renderBoard(board))}`;
  return (
    <figure class="board">
      <img src={source} alt={`Whiteboard with ${board.strokes.length} strokes`} />
      <figcaption class="dim">
        {board.strokes.length} {board.strokes.length === 1 ? 'stroke' : 'strokes'}
      </figcaption>
    </figure>
  );
}
