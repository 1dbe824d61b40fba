export * from './board.ts';
export * from './events.ts';
export * from './reduce-board.ts';
export * from './render-board.ts';
export * from './whiteboard-plugin.ts';
