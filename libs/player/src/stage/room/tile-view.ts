import { createElement, setBox, setStyle, setText } from '../dom-helpers.ts';
import type { TileSlot } from '../tile-slot.ts';
import type { Rect } from './room-geometry.ts';
import { hueOf, initialsOf, type RoomTile } from './room-view-model.ts';

const mutedIcon =
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" xmlns="http://www.w3.org/2000/svg">' +
  '<path d="M9 5a3 3 0 0 1 6 0v6M9 10v1a3 3 0 0 0 4.5 2.6M6 11a6 6 0 0 0 9.6 4.8M18 11c0 .8-.2 1.6-.5 2.3M12 17v4M3 3l18 18"/></svg>';

/** One tile: avatar, the slot for the picture, and over both the ring, the name, the hand and the reactions. */
export class TileView {
  readonly element: HTMLElement;
  readonly #avatar: HTMLElement;
  readonly #initials: HTMLElement;
  readonly #slot: HTMLElement;
  readonly #name: HTMLElement;
  readonly #muted: HTMLElement;
  readonly #hand: HTMLElement;
  readonly #reactions: HTMLElement;
  #tile: RoomTile | undefined;

  constructor(document: Document) {
    this.element = document.createElement('div');
    this.#avatar = createElement(this.element, 'rushes-avatar');
    this.#initials = createElement(this.#avatar, '', 'span');
    this.#slot = createElement(this.element, 'rushes-slot');
    createElement(this.element, 'rushes-ring');
    const label = createElement(this.element, 'rushes-label');
    this.#muted = createElement(label, 'rushes-muted', 'span');
    this.#muted.innerHTML = mutedIcon;
    this.#name = createElement(label, '', 'span');
    this.#hand = createElement(this.element, 'rushes-hand');
    setText(this.#hand, '✋');
    this.#reactions = createElement(this.element, 'rushes-reactions');
  }

  update(tile: RoomTile, rect: Rect): void {
    this.#tile = tile;
    setBox(this.element, rect);
    const classes = ['rushes-tile', tile.isScreen ? 'screen' : '', tile.isSpeaking ? 'speaking' : ''];
    const className = classes.filter(Boolean).join(' ');
    if (this.element.className !== className) this.element.className = className;
    setStyle(this.#avatar, '--hue', String(hueOf(tile.participantId)));
    setStyle(this.#avatar, 'display', tile.isScreen ? 'none' : 'flex');
    setText(this.#initials, initialsOf(tile.name));
    setStyle(this.#slot, 'display', tile.trackId === null ? 'none' : 'block');
    // As in a recorded page, so that whoever looks for tiles finds them in the same way.
    if (tile.trackId === null) delete this.#slot.dataset.rushesTrack;
    else if (this.#slot.dataset.rushesTrack !== tile.trackId) this.#slot.dataset.rushesTrack = tile.trackId;
    setText(this.#name, tile.name);
    setStyle(this.#muted, 'display', tile.isMuted ? 'block' : 'none');
    setStyle(this.#hand, 'display', tile.hasRaisedHand ? 'block' : 'none');
    setText(this.#reactions, tile.reactions.join(' '));
  }

  slot(): TileSlot | undefined {
    const tile = this.#tile;
    if (!tile || tile.trackId === null) return undefined;
    const fit = tile.isScreen ? 'contain' : 'cover';
    return { trackId: tile.trackId, participantId: tile.participantId, container: this.#slot, fit };
  }
}
