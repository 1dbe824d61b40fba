import type { RoomState, TimelinePlugin, TrackId } from '@rushes/timeline';
import type { Layout, TileGeometry } from '../../types.ts';
import {
  adoptStyles,
  createElement,
  KeyedChildren,
  setBox,
  setStyle,
  setText,
  whenImagesDecoded,
} from '../dom-helpers.ts';
import type { StageLayer, StageSize } from '../layer.ts';
import type { TileSlot } from '../tile-slot.ts';
import { roomCss } from './room-css.ts';
import { roomGeometry } from './room-geometry.ts';
import { nameOf, roomTiles } from './room-view-model.ts';
import { SidePanel } from './side-panel.ts';
import { TileView } from './tile-view.ts';

/** Captions shown at once. */
const shownCaptions = 2;

/** The `room` perspective: a layout of everybody, drawn from the room's state with ordinary elements. */
export class RoomLayer implements StageLayer {
  readonly #root: HTMLElement;
  readonly #tiles: KeyedChildren<TileView>;
  readonly #panel: SidePanel;
  readonly #captionArea: HTMLElement;
  readonly #captions: KeyedChildren<CaptionView>;
  #views: TileView[] = [];
  #size: StageSize;

  constructor(
    parent: HTMLElement,
    readonly options: {
      layout: Layout;
      plugins: readonly TimelinePlugin[];
      size: StageSize;
      /** Whether the track has a file to show. */
      hasPicture: (trackId: TrackId) => boolean;
    },
  ) {
    this.#size = options.size;
    this.#root = createElement(parent, 'rushes-room');
    adoptStyles(this.#root, roomCss);
    this.#tiles = new KeyedChildren(createElement(this.#root, ''), () => new TileView(parent.ownerDocument));
    this.#panel = new SidePanel(this.#root, options.plugins);
    this.#captionArea = createElement(this.#root, 'rushes-captions');
    this.#captions = new KeyedChildren(this.#captionArea, () => new CaptionView(parent.ownerDocument));
  }

  async prepare(): Promise<void> {}

  prefetchAfter(): void {}

  resize(size: StageSize): void {
    this.#size = size;
  }

  show(_atMs: number, state: RoomState): boolean {
    const { layout, hasPicture } = this.options;
    const tiles = roomTiles(state, layout, hasPicture);
    const geometry = roomGeometry({
      size: this.#size,
      layout,
      tileCount: tiles.length,
      hasScreen: tiles[0]?.isScreen ?? false,
    });
    setStyle(this.#root, '--unit', String(geometry.unit));
    this.#views = this.#tiles.update(tiles.map((tile) => tile.key));
    this.#views.forEach((view, index) => view.update(tiles[index]!, geometry.tiles[index]!));
    this.#panel.update(state, geometry.panel);
    setBox(this.#captionArea, geometry.captions);
    const captions = state.captions.slice(-shownCaptions);
    this.#captions
      .updateInOrder(captions.map((caption) => caption.captionId))
      .forEach((view, index) => view.update(nameOf(state, captions[index]!.participantId), captions[index]!.text));
    return true;
  }

  slots(): readonly TileSlot[] {
    return this.#views.flatMap((view) => view.slot() ?? []);
  }

  upcoming(): undefined {
    return undefined;
  }

  tiles(): TileGeometry[] {
    const origin = this.#root.getBoundingClientRect();
    return this.slots().map(({ trackId, participantId, container, fit }, order) => {
      const { left, top, width, height } = container.getBoundingClientRect();
      return { trackId, participantId, x: left - origin.left, y: top - origin.top, width, height, fit, order };
    });
  }

  async whenPainted(): Promise<void> {
    await this.#root.ownerDocument.fonts.ready;
    await whenImagesDecoded(this.#root);
  }

  destroy(): void {
    this.#root.remove();
  }
}

class CaptionView {
  readonly element: HTMLElement;
  readonly #name: HTMLElement;
  readonly #text: HTMLElement;

  constructor(document: Document) {
    this.element = document.createElement('div');
    this.element.className = 'rushes-caption';
    this.#name = document.createElement('b');
    this.element.append(this.#name, ' ');
    this.#text = createElement(this.element, '', 'span');
  }

  update(name: string, text: string): void {
    setText(this.#name, name);
    setText(this.#text, text);
  }
}
