import type { DomChunk, RrwebEvent, TrackId } from '@rushes/timeline';
import { Replayer, ReplayerEvents } from 'rrweb';
import { takePlace } from './take-place.ts';
import { lastIndexAtOrBefore } from '../../engine/find-index.ts';
import { createElement, setStyle, whenImagesDecoded } from '../dom-helpers.ts';
import type { StageSize } from '../layer.ts';
import { replayEvents } from './replay-events.ts';
import { replayedStyleRules } from './surface-css.ts';

export type SurfaceFrameOptions = {
  parent: HTMLElement;
  chunk: DomChunk;
  size: StageSize;
  /** URL of one of the recording's own objects. */
  urlOf: (key: string) => string;
};

/** One chunk of a surface in a Replayer of its own, in an iframe that never runs scripts. Hidden until {@link reveal}. */
export class SurfaceFrame {
  readonly chunk: DomChunk;
  readonly #element: HTMLElement;
  readonly #replayer: Replayer;
  readonly #events: RrwebEvent[];
  readonly #whenBuilt: Promise<void>;
  readonly #pictures = new Map<TrackId, HTMLElement>();
  #applied = -1;
  #stageSize: StageSize;
  #pageSize: StageSize;

  constructor(options: SurfaceFrameOptions) {
    const { chunk, parent, urlOf } = options;
    this.chunk = chunk;
    this.#stageSize = options.size;
    this.#events = replayEvents(chunk, urlOf);
    this.#pageSize = pageSizeOf(this.#events[0]!);
    this.#element = createElement(parent, 'rushes-surface waiting');
    this.#element.inert = true;
    this.#replayer = new Replayer(this.#events, {
      root: this.#element,
      mouseTail: false,
      // Mutations go straight to the document: a diff would take out the pictures that were put into the tiles.
      useVirtualDom: false,
      triggerFocus: false,
      showWarning: false,
      pauseAnimation: false,
      insertStyleRules: [...replayedStyleRules],
    });
    this.#protect(urlOf);
    this.#replayer.on(ReplayerEvents.Resize, (size) => {
      this.#pageSize = size as StageSize;
      this.#fit();
    });
    this.#whenBuilt = new Promise((resolve) => {
      this.#replayer.on(ReplayerEvents.FullsnapshotRebuilded, () => resolve());
      this.#replayer.on(ReplayerEvents.Destroy, () => resolve());
    });
    this.#fit();
  }

  /** Resolves when the chunk's first snapshot stands in the document, or the frame was destroyed before. */
  whenBuilt(): Promise<void> {
    return this.#whenBuilt;
  }

  get document(): Document | null {
    return this.#replayer.iframe.contentDocument;
  }

  /** Applies every event at or before `atMs`. Returns whether anything was applied. */
  seek(atMs: number): boolean {
    // A chunk's snapshot is the earliest that can be shown.
    const wanted = Math.max(
      1,
      lastIndexAtOrBefore(this.#events, atMs, (event) => event.timestamp),
    );
    if (wanted === this.#applied) return false;
    // rrweb applies what is strictly before the time it is given.
    const lastMs = this.#events[wanted]!.timestamp;
    this.#replayer.pause(lastMs - this.#events[0]!.timestamp + 1);
    this.#applied = wanted;
    return true;
  }

  /**
   * The elements marked as tiles, in document order. A recorded `<video>` is exchanged for one of the player's own, in
   * the document and in rrweb's mirror: rrweb pauses and seeks every media element that it built itself.
   */
  findTiles(): HTMLElement[] {
    const tiles = this.document?.querySelectorAll<HTMLElement>('[data-rushes-track]') ?? [];
    return Array.from(tiles, (tile) => {
      const trackId = tile.dataset.rushesTrack ?? '';
      const known = this.#pictures.get(trackId);
      if (tile.localName !== 'video' || tile === known) return tile;
      // After a snapshot inside the chunk the picture goes on in the element that it had.
      const own = known && !known.isConnected ? known : tile.ownerDocument.createElement('video');
      this.#pictures.set(trackId, own);
      takePlace(own, tile, this.#replayer.getMirror());
      return own;
    });
  }

  reveal(isShown: boolean): void {
    this.#element.classList.toggle('waiting', !isShown);
  }

  resize(size: StageSize): void {
    this.#stageSize = size;
    this.#fit();
  }

  /** How a length and a place of the page appear on the stage. */
  get placement(): { scale: number; x: number; y: number } {
    const { width, height } = this.#pageSize;
    const scale = Math.min(this.#stageSize.width / width, this.#stageSize.height / height);
    return {
      scale,
      x: Math.round((this.#stageSize.width - width * scale) / 2),
      y: Math.round((this.#stageSize.height - height * scale) / 2),
    };
  }

  async whenPainted(): Promise<void> {
    const document = this.document;
    if (!document) return;
    await document.fonts.ready;
    await whenImagesDecoded(document);
  }

  destroy(): void {
    this.#replayer.destroy();
    this.#element.remove();
  }

  /**
   * A policy of the document's own, besides the one it inherits from the replaying page. It outlives the
   * `document.open()` with which a snapshot is rebuilt, as it belongs to the document and not to the element.
   */
  #protect(urlOf: (key: string) => string): void {
    const document = this.document;
    if (!document) return;
    const folder = (key: string) => {
      const url = new URL(urlOf(key));
      return `${url.origin}${url.pathname.slice(0, url.pathname.lastIndexOf('/') + 1)}`;
    };
    const assets = folder('assets/x');
    const policy = document.createElement('meta');
    policy.httpEquiv = 'Content-Security-Policy';
    policy.content =
      `default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src data: ${assets}; font-src data: ${assets}; ` +
      `media-src ${folder('manifest.json')}; base-uri 'none'; form-action 'none'`;
    document.head.append(policy);
    this.#replayer.iframe.tabIndex = -1;
    this.#replayer.iframe.title = 'The recorded page';
  }

  #fit(): void {
    const { scale, x, y } = this.placement;
    setStyle(this.#element, 'transform', `translate(${x}px, ${y}px) scale(${scale})`);
  }
}

function pageSizeOf(meta: RrwebEvent): StageSize {
  const { width, height } = meta.data as Partial<StageSize>;
  return { width: width && width > 0 ? width : 1280, height: height && height > 0 ? height : 720 };
}
