/** The export's frames: frame `n` shows the recording at `fromMs + n × 1000 / fps`. */
export type FrameGrid = {
  fps: number;
  /** On the recording clock. */
  fromMs: number;
  frameCount: number;
};

/** Frames `from` up to `to`, excluded. */
export type FrameRange = { from: number; to: number };

/** At least one frame. */
export function createFrameGrid(options: { fps: number; fromMs: number; toMs: number }): FrameGrid {
  const { fps, fromMs, toMs } = options;
  return { fps, fromMs, frameCount: Math.max(1, Math.round(((toMs - fromMs) * fps) / 1000)) };
}

/** The instant on the recording clock that a frame shows. */
export function frameMs(grid: FrameGrid, frame: number): number {
  return grid.fromMs + (frame * 1000) / grid.fps;
}

/** The first frame at or after an instant: the one in which an event of that instant is seen first. May lie outside the grid. */
export function firstFrameAt(grid: FrameGrid, atMs: number): number {
  return Math.ceil(((atMs - grid.fromMs) * grid.fps) / 1000 - 1e-6);
}

/** Chunks for each encoder, so that none works long after the others have ended. */
const chunksEach = 4;

/**
 * Cuts the export into chunks that are encoded independently: one to two minutes long, shorter for short recordings, so
 * that every encoder has its share to the end, but never below five seconds, since each chunk decodes from the key frame before it.
 */
export function cutChunks(grid: FrameGrid, parallel: number): FrameRange[] {
  const seconds = grid.frameCount / grid.fps;
  const chunkSeconds = Math.min(120, Math.max(5, seconds / (chunksEach * parallel)));
  const count = Math.max(1, Math.round(seconds / chunkSeconds));
  return Array.from({ length: count }, (_, index) => ({
    from: Math.round((grid.frameCount * index) / count),
    to: Math.round((grid.frameCount * (index + 1)) / count),
  }));
}
