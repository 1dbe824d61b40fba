import type { TimelinePlugin } from '@rushes/timeline';
import type { StageSize } from '../stage/layer.ts';
import type { Clock, Layout, PerspectiveId, RecordingSource } from '../types.ts';

export type PlayerOptions = {
  source: RecordingSource;
  /** Gets the stage as its child. */
  root: HTMLElement;
  size: StageSize;
  perspective: PerspectiveId;
  layout: Layout;
  plugins: readonly TimelinePlugin[];
  clock: Clock;
};
