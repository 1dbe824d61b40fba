import type { Chunk, ChunkRef, Manifest, ParticipantId, TimelinePlugin, TrackId } from '@rushes/timeline';

/** What the engine reads; relative keys are the manifest's. Implementations may cache; the engine holds at most three DOM chunks. */
export type RecordingSource = {
  /** Reads the manifest (again): a running recording's grows. */
  loadManifest(): Promise<Manifest>;
  loadChunk(ref: ChunkRef): Promise<Chunk>;
  /** A URL that a media element or `<img>` may load. */
  urlOf(key: string): string;
};

/** The only time the engine knows. The viewer gives it real time, the renderer steps it. */
export type Clock = {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Calls back once at the next frame; returns a function that cancels. */
  onNextFrame(callback: () => void): () => void;
};

export type Layout = 'grid' | 'speaker';
/** `room`, or `dom:<surface>`. */
export type PerspectiveId = 'room' | `dom:${string}`;

/** A rectangle on the stage where a track's picture goes, in CSS pixels of the stage, before clipping. */
export type TileGeometry = {
  trackId: TrackId;
  participantId: ParticipantId;
  x: number;
  y: number;
  width: number;
  height: number;
  /** How the picture fills the rectangle, as CSS `object-fit`. */
  fit: 'cover' | 'contain';
  /** Paint order among the tiles, lowest first. */
  order: number;
};

export type StageOptions = {
  source: RecordingSource;
  /** Gets the stage's elements as children; its size is the stage's size. */
  root: HTMLElement;
  perspective: PerspectiveId;
  layout: Layout;
  plugins: readonly TimelinePlugin[];
  /** `video`: tiles hold playing elements (viewer). `fill`: tiles are flat colours for the renderer's plates. */
  tiles: 'video' | 'fill';
};

/**
 * What the render page puts on `window.rushesStage` for the renderer (see `@rushes/player/render-page`).
 * All times are `atMs`.
 */
export type RenderPage = {
  load(options: {
    manifestUrl: string;
    perspective: PerspectiveId;
    layout: Layout;
    width: number;
    height: number;
  }): Promise<void>;
  /**
   * Shows the stage as it is at `atMs`: every event at or before it applied. Resolves when the content is in the
   * document with its images and fonts decoded, so that the next painted frame is complete. Times may only rise
   * cheaply; falling ones cost a seek.
   */
  showAt(atMs: number): Promise<{ tiles: TileGeometry[] }>;
  /** Paints the given tiles with a flat CSS colour (default for all: black). */
  fillTiles(colors: Readonly<Record<TrackId, string>>): void;
};
