import { parsePluginType, type PluginEvent } from '@rushes/timeline';
import { emptyBoard, maxPointsPerStroke, maxStrokes, type Board, type Stroke } from './board.ts';
import type { WhiteboardEventData, WhiteboardEventName } from './events.ts';

/** The board after `event`, whose data has passed its schema; `board` is not changed. */
export function reduceBoard(board: Board, event: PluginEvent): Board {
  const { participantId } = event;
  if (participantId === undefined) return board;
  const name = parsePluginType(event.type)?.event as WhiteboardEventName | undefined;
  switch (name) {
    case 'stroke-drawn.v1':
      return withStroke(board, { ...(event.data as WhiteboardEventData[typeof name]), participantId });
    case 'stroke-extended.v1': {
      const { strokeId, points } = event.data as WhiteboardEventData[typeof name];
      return withChange(board, strokeId, (stroke) =>
        stroke.participantId === participantId
          ? { ...stroke, points: [...stroke.points, ...points].slice(0, maxPointsPerStroke) }
          : stroke,
      );
    }
    case 'stroke-erased.v1': {
      const { strokeId } = event.data as WhiteboardEventData[typeof name];
      return { strokes: board.strokes.filter((stroke) => stroke.strokeId !== strokeId) };
    }
    case 'stroke-undone.v1': {
      const last = board.strokes.findLastIndex((stroke) => stroke.participantId === participantId);
      return last < 0 ? board : { strokes: board.strokes.toSpliced(last, 1) };
    }
    case 'board-cleared.v1':
      return emptyBoard;
    default:
      return board;
  }
}

/** A stroke that is there already is left as it is, so that an event seen twice changes nothing. */
function withStroke(board: Board, stroke: Stroke): Board {
  if (board.strokes.some((other) => other.strokeId === stroke.strokeId)) return board;
  return { strokes: [...board.strokes, stroke].slice(-maxStrokes) };
}

function withChange(board: Board, strokeId: string, change: (stroke: Stroke) => Stroke): Board {
  return { strokes: board.strokes.map((stroke) => (stroke.strokeId === strokeId ? change(stroke) : stroke)) };
}
