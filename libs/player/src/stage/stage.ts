import type { Manifest, ManifestTrack, RoomState, TrackId } from '@rushes/timeline';
import { RoomTimeline } from '../engine/room-timeline.ts';
import { PlayerError } from '../player-error.ts';
import type { Layout, PerspectiveId, StageOptions, TileGeometry } from '../types.ts';
import { DomLayer } from './dom/dom-layer.ts';
import type { StageLayer, StageSize } from './layer.ts';
import { RoomLayer } from './room/room-layer.ts';
import type { TileContents } from './tile-slot.ts';

/**
 * The recording at one instant, as elements. `prepare` loads, `show` applies at once: a clock that runs calls `show`
 * each frame and waits for `prepare` only when `show` says that something is missing.
 */
export class Stage {
  readonly #timeline: RoomTimeline;
  #layer: StageLayer;
  #manifest: Manifest;
  #tracks: ReadonlyMap<TrackId, ManifestTrack>;
  #size: StageSize;
  #state: RoomState | undefined;
  #perspective: PerspectiveId;
  #layout: Layout;

  /** @throws PlayerError `perspective-unknown` */
  constructor(
    manifest: Manifest,
    readonly contents: TileContents,
    readonly options: Omit<StageOptions, 'tiles'> & { size: StageSize },
  ) {
    this.#manifest = manifest;
    this.#tracks = tracksOf(manifest);
    this.#size = options.size;
    this.#perspective = options.perspective;
    this.#layout = options.layout;
    this.#timeline = new RoomTimeline({ source: options.source, plugins: options.plugins });
    this.#timeline.setChunks(manifest.timeline.events);
    this.#layer = this.#createLayer();
  }

  /** The room's state at the last instant shown. */
  get state(): RoomState | undefined {
    return this.#state;
  }

  /** A running recording's manifest grew. */
  setManifest(manifest: Manifest): void {
    this.#manifest = manifest;
    this.#tracks = tracksOf(manifest);
    this.#timeline.setChunks(manifest.timeline.events);
    if (this.#layer instanceof DomLayer) this.#layer.setChunks(this.#surface().chunks);
  }

  /** Shows nothing until the next {@link prepare} and {@link show}. @throws PlayerError `perspective-unknown` */
  setPerspective(perspective: PerspectiveId, layout: Layout): void {
    if (perspective === this.#perspective && layout === this.#layout) return;
    const before = { perspective: this.#perspective, layout: this.#layout, layer: this.#layer };
    this.#perspective = perspective;
    this.#layout = layout;
    try {
      this.#layer = this.#createLayer();
    } catch (error) {
      this.#perspective = before.perspective;
      this.#layout = before.layout;
      throw error;
    }
    this.#empty();
    before.layer.destroy();
  }

  resize(size: StageSize): void {
    this.#size = size;
    this.#layer.resize(size);
  }

  /** Loads and builds what `atMs` needs. @throws PlayerError */
  async prepare(atMs: number): Promise<void> {
    await Promise.all([this.#timeline.prepare(atMs), this.#layer.prepare(atMs)]);
  }

  /** Applies every event at or before `atMs` now; false when {@link prepare} has to be done first. */
  show(atMs: number): boolean {
    const state = this.#timeline.stateAt(atMs);
    if (!state || !this.#layer.show(atMs, state)) return false;
    this.#state = state;
    this.contents.fill(this.#layer.slots());
    this.contents.warm?.(this.#layer.upcoming(atMs));
    return true;
  }

  /** Starts loading what follows the chunk at `atMs`. */
  prefetchAfter(atMs: number): void {
    this.#timeline.prefetchAfter(atMs);
    this.#layer.prefetchAfter(atMs);
  }

  tiles(): TileGeometry[] {
    return this.#layer.tiles();
  }

  /** Resolves when fonts and images of what is shown are decoded. */
  whenPainted(): Promise<void> {
    return this.#layer.whenPainted();
  }

  destroy(): void {
    this.#empty();
    this.#layer.destroy();
  }

  #empty(): void {
    this.contents.fill([]);
    this.contents.warm?.(undefined);
  }

  #createLayer(): StageLayer {
    const { root, source, plugins } = this.options;
    const size = this.#size;
    if (this.#perspective === 'room') {
      const hasPicture = (trackId: TrackId) => this.#hasPicture(trackId);
      return new RoomLayer(root, { layout: this.#layout, plugins, size, hasPicture });
    }
    const { chunks } = this.#surface();
    const ownerOf = (trackId: TrackId) =>
      this.#hasPicture(trackId) ? this.#tracks.get(trackId)?.participantId : undefined;
    const layer = new DomLayer(root, { source, size, ownerOf });
    layer.setChunks(chunks);
    return layer;
  }

  #surface(): Manifest['timeline']['surfaces'][number] {
    const name = this.#perspective.slice('dom:'.length);
    const surface = this.#manifest.timeline.surfaces.find((candidate) => candidate.surface === name);
    if (surface) return surface;
    const known = this.#manifest.perspectives.map((perspective) => perspective.id).join(', ') || 'none';
    throw new PlayerError(
      'perspective-unknown',
      `perspective: "${this.#perspective}" is not in the recording (${known})`,
      false,
    );
  }

  #hasPicture(trackId: TrackId): boolean {
    const track = this.#tracks.get(trackId);
    return track !== undefined && track.kind === 'video' && track.media !== null;
  }
}

function tracksOf(manifest: Manifest): ReadonlyMap<TrackId, ManifestTrack> {
  return new Map(manifest.tracks.map((track) => [track.trackId, track]));
}
