import type { ChunkRef, DomChunk, ParticipantId, TrackId } from '@rushes/timeline';
import { createChunkStore, type ChunkStore } from '../../engine/chunk-store.ts';
import type { RecordingSource, TileGeometry } from '../../types.ts';
import { adoptStyles, createElement } from '../dom-helpers.ts';
import type { StageLayer, StageSize } from '../layer.ts';
import type { TileSlot, UpcomingSlots } from '../tile-slot.ts';
import { inPaintOrder } from './paint-order.ts';
import { surfaceCss } from './surface-css.ts';
import { SurfaceFrame } from './surface-frame.ts';

/** The next chunk's pictures are made ready this long before they show. */
const warmMs = 3000;

/** A `dom:<surface>` perspective: the page as somebody saw it. The chunk that shows and the next one have frames. */
export class DomLayer implements StageLayer {
  readonly #root: HTMLElement;
  readonly #store: ChunkStore<DomChunk>;
  readonly #frames = new Map<string, SurfaceFrame>();
  readonly #built = new WeakSet<SurfaceFrame>();
  #size: StageSize;
  #shown: SurfaceFrame | undefined;
  /** The chunk that was asked for last: its frame and the next one's are wanted, others are not built any more. */
  #wanted: ChunkRef | undefined;
  #slots: TileSlot[] = [];

  constructor(
    parent: HTMLElement,
    readonly options: {
      source: RecordingSource;
      size: StageSize;
      /** Whose track it is; undefined for tracks that the recording does not have, or without a file. */
      ownerOf: (trackId: TrackId) => ParticipantId | undefined;
    },
  ) {
    this.#size = options.size;
    this.#root = createElement(parent, 'rushes-surfaces');
    adoptStyles(this.#root, surfaceCss);
    this.#store = createChunkStore('dom', options.source);
  }

  setChunks(refs: readonly ChunkRef[]): void {
    this.#store.setRefs(refs);
  }

  async prepare(atMs: number): Promise<void> {
    this.#wanted = this.#store.refAt(atMs);
    if (this.#wanted) await this.#buildFrame(this.#wanted);
  }

  prefetchAfter(atMs: number): void {
    const ref = this.#store.refAt(atMs);
    const next = ref && this.#store.refAfter(ref);
    // A failure shows when that chunk is needed.
    if (next) this.#buildFrame(next).catch(() => undefined);
  }

  show(atMs: number): boolean {
    const ref = this.#store.refAt(atMs);
    const frame = ref && this.#frames.get(ref.key);
    if (ref && (!frame || !this.#built.has(frame))) return false;
    this.#wanted = ref;
    const isOther = frame !== this.#shown;
    if (isOther) {
      this.#shown?.reveal(false);
      this.#shown = frame;
    }
    if (frame?.seek(atMs) || isOther) this.#slots = frame ? this.#slotsOf(frame) : [];
    if (isOther) {
      frame?.reveal(true);
      this.#dropFrames();
    }
    return true;
  }

  resize(size: StageSize): void {
    this.#size = size;
    for (const frame of this.#frames.values()) frame.resize(size);
  }

  slots(): readonly TileSlot[] {
    return this.#slots;
  }

  upcoming(atMs: number): UpcomingSlots | undefined {
    const ref = this.#store.refAt(atMs);
    const next = ref && this.#store.refAfter(ref);
    if (!next || next.startMs - atMs > warmMs) return undefined;
    const frame = this.#frames.get(next.key);
    if (!frame || !this.#built.has(frame)) return undefined;
    frame.seek(next.startMs);
    return { atMs: next.startMs, slots: this.#slotsOf(frame) };
  }

  tiles(): TileGeometry[] {
    const frame = this.#shown;
    if (!frame) return [];
    const { scale, x, y } = frame.placement;
    const visible = this.#slots.filter((slot) => isVisible(slot.container));
    return inPaintOrder(visible, (slot) => slot.container).map(({ trackId, participantId, container, fit }, order) => {
      const rect = container.getBoundingClientRect();
      return {
        trackId,
        participantId,
        x: x + rect.left * scale,
        y: y + rect.top * scale,
        width: rect.width * scale,
        height: rect.height * scale,
        fit,
        order,
      };
    });
  }

  async whenPainted(): Promise<void> {
    await this.#shown?.whenPainted();
  }

  destroy(): void {
    for (const frame of this.#frames.values()) frame.destroy();
    this.#frames.clear();
    this.#root.remove();
  }

  async #buildFrame(ref: ChunkRef): Promise<void> {
    const chunk = await this.#store.get(ref);
    let frame = this.#frames.get(ref.key);
    if (!frame) {
      if (!this.#isWanted(ref.key)) return;
      frame = new SurfaceFrame({
        parent: this.#root,
        chunk,
        size: this.#size,
        urlOf: (key) => this.options.source.urlOf(key),
      });
      this.#frames.set(ref.key, frame);
      this.#dropFrames();
    }
    await frame.whenBuilt();
    this.#built.add(frame);
  }

  #isWanted(key: string): boolean {
    const next = this.#wanted && this.#store.refAfter(this.#wanted);
    return key === this.#wanted?.key || key === next?.key;
  }

  #dropFrames(): void {
    for (const [key, frame] of this.#frames) {
      if (frame === this.#shown || this.#isWanted(key)) continue;
      frame.destroy();
      this.#frames.delete(key);
    }
  }

  #slotsOf(frame: SurfaceFrame): TileSlot[] {
    return frame.findTiles().flatMap((container): TileSlot[] => {
      const trackId = container.dataset.rushesTrack ?? '';
      const participantId = this.options.ownerOf(trackId);
      if (participantId === undefined) return [];
      return [{ trackId, participantId, container, fit: fitOf(container) }];
    });
  }
}

/** As the page says with `data-rushes-fit`, or as its style sheets have it for the element. */
function fitOf(container: HTMLElement): 'cover' | 'contain' {
  const marked = container.dataset.rushesFit;
  const fit = marked ?? container.ownerDocument.defaultView?.getComputedStyle(container).objectFit;
  if (container.localName !== 'video' && marked === undefined) return 'cover';
  return fit === 'cover' ? 'cover' : 'contain';
}

function isVisible(element: HTMLElement): boolean {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
}
