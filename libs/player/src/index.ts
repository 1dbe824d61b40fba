export type * from './types.ts';
export { PlayerError, type PlayerErrorCode } from './player-error.ts';
export { HttpRecordingSource } from './source/http-recording-source.ts';
export { Stage } from './stage/stage.ts';
export { FillContents } from './stage/fill-contents.ts';
export { countVotes } from './stage/room/side-panel.ts';
export { hueOf, initialsOf, nameOf } from './stage/room/room-view-model.ts';
