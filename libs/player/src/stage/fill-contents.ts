import type { TrackId } from '@rushes/timeline';
import { setStyle } from './dom-helpers.ts';
import { pictureStyle } from './dom/surface-css.ts';
import type { TileContents, TileSlot } from './tile-slot.ts';

/** Tiles as flat colours, from which the renderer learns each pixel's share of picture. */
export class FillContents implements TileContents {
  readonly #fills = new Map<HTMLElement, { fill: HTMLElement; trackId: TrackId }>();
  #colors: Readonly<Record<TrackId, string>> = {};

  fill(slots: readonly TileSlot[]): void {
    const containers = new Set(slots.map((slot) => slot.container));
    for (const [container, { fill }] of this.#fills) {
      if (containers.has(container)) continue;
      if (fill !== container) fill.remove();
      this.#fills.delete(container);
    }
    for (const { container, trackId } of slots) {
      let entry = this.#fills.get(container);
      if (!entry) {
        const fill = isPicture(container) ? container : container.ownerDocument.createElement('div');
        if (fill !== container) fill.style.cssText = pictureStyle;
        this.#fills.set(container, (entry = { fill, trackId }));
      }
      entry.trackId = trackId;
      placeInContainer(container, entry.fill);
      this.#paint(entry);
    }
  }

  setColors(colors: Readonly<Record<TrackId, string>>): void {
    this.#colors = colors;
    for (const entry of this.#fills.values()) this.#paint(entry);
  }

  #paint({ fill, trackId }: { fill: HTMLElement; trackId: TrackId }): void {
    const color = this.#colors[trackId] ?? 'black';
    // A mutation of the recorded page may have set its style anew.
    if (fill.dataset.color === color && fill.style.background !== '') return;
    fill.dataset.color = color;
    fill.style.setProperty('background', color, 'important');
  }
}

/** Whether the slot's element is itself what shows the picture. */
export function isPicture(container: HTMLElement): boolean {
  return container.localName === 'video';
}

/** Puts `picture` into a tile's box. A box without a position of its own gets one, for the picture to fill it. */
export function placeInContainer(container: HTMLElement, picture: HTMLElement): void {
  if (picture === container) {
    const aspect = container.dataset.rushesAspect;
    if (aspect !== undefined) setStyle(container, 'aspect-ratio', aspect);
    return;
  }
  if (picture.parentElement !== container) container.prepend(picture);
  const view = container.ownerDocument.defaultView;
  if (view && view.getComputedStyle(container).position === 'static') setStyle(container, 'position', 'relative');
}
