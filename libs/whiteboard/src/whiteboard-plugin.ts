import type { PluginEvent, TimelinePlugin } from '@rushes/timeline';
import { emptyBoard, type Board } from './board.ts';
import { whiteboardEvents } from './events.ts';
import { reduceBoard } from './reduce-board.ts';
import { renderBoard } from './render-board.ts';

/** A whiteboard that everybody in the meeting draws on, as a plugin like any third party's. */
export const whiteboardPlugin: TimelinePlugin = {
  id: 'whiteboard',
  events: whiteboardEvents,
  initialState: emptyBoard,
  reduce: (state: unknown, event: PluginEvent) => reduceBoard(state as Board, event),
  renderSvg: (state: unknown) => renderBoard(state as Board),
};

/** The whiteboard's state within a room's state, or an empty board. */
export function boardOf(state: { plugins: Readonly<Record<string, unknown>> }): Board {
  return (state.plugins[whiteboardPlugin.id] as Board | undefined) ?? emptyBoard;
}
