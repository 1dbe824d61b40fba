import type { Manifest, RoomState, TimelinePlugin } from '@rushes/timeline';
import { whiteboardPlugin } from '@rushes/whiteboard';
import type { PlayerError } from '../player-error.ts';
import { realTimeClock } from '../player/real-time-clock.ts';
import { Player } from '../player/player.ts';
import { HttpRecordingSource } from '../source/http-recording-source.ts';
import { adoptStyles, createElement } from '../stage/dom-helpers.ts';
import type { Layout, PerspectiveId } from '../types.ts';
import { elementCss } from './element-css.ts';
import { singleRange } from './time-ranges.ts';

/** Events of the player that the element dispatches as its own. */
const forwardedEvents = [
  ...['loadstart', 'loadedmetadata', 'loadeddata', 'canplay', 'durationchange', 'progress', 'timeupdate', 'play'],
  ...['playing', 'pause', 'waiting', 'seeking', 'seeked', 'ended', 'ratechange', 'volumechange', 'error'],
  ...['statechange', 'perspectivechange', 'playrefused'],
];

/**
 * `<rushes-player src="…/manifest.json" token="…" perspective="room" layout="grid">`: plays a recording with the
 * properties and events of an HTMLMediaElement (times in seconds), so that control kits work on it. Besides:
 * `roomState`, `manifest`, `perspectives`, and the events `statechange` and `perspectivechange`.
 */
export class RushesPlayer extends HTMLElement {
  static readonly observedAttributes = ['src', 'token', 'perspective', 'layout', 'muted'];

  /** Plugins whose state is drawn; the whiteboard unless set before `src`. */
  plugins: readonly TimelinePlugin[] = [whiteboardPlugin];
  #player: Player | undefined;
  #stageRoot: HTMLElement | undefined;
  #resizes: ResizeObserver | undefined;
  #volume = 1;
  #isMuted = false;
  #rate = 1;
  #startSeconds: number | undefined;
  #playWhenLoaded = false;
  #isLoadQueued = false;

  connectedCallback(): void {
    if (!this.shadowRoot) this.attachShadow({ mode: 'open' });
    adoptStyles(this.shadowRoot!, elementCss);
    this.#resizes = new ResizeObserver(() => this.#player?.resize(this.#size()));
    this.#resizes.observe(this);
    this.#queueLoad();
  }

  disconnectedCallback(): void {
    this.#resizes?.disconnect();
    this.#close();
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value) return;
    if (name === 'src' || name === 'token') this.#queueLoad();
    else if (name === 'muted') this.muted = value !== null;
    else this.#player?.setPerspective(this.perspective, this.layout).catch((error: unknown) => this.#report(error));
  }

  /** URL of the recording's manifest. */
  get src(): string {
    return this.getAttribute('src') ?? '';
  }
  set src(url: string) {
    this.setAttribute('src', url);
  }
  get currentSrc(): string {
    return this.src === '' ? '' : new URL(this.src, this.baseURI).href;
  }
  get perspective(): PerspectiveId {
    const id = this.getAttribute('perspective');
    return id?.startsWith('dom:') ? (id as PerspectiveId) : 'room';
  }
  set perspective(id: PerspectiveId) {
    this.setAttribute('perspective', id);
  }
  get layout(): Layout {
    return this.getAttribute('layout') === 'speaker' ? 'speaker' : 'grid';
  }
  set layout(layout: Layout) {
    this.setAttribute('layout', layout);
  }

  get manifest(): Manifest | undefined {
    return this.#player?.manifest;
  }
  get perspectives(): Manifest['perspectives'] {
    return this.manifest?.perspectives ?? [];
  }
  /** Everything interactive at the playing instant. */
  get roomState(): RoomState | undefined {
    return this.#player?.roomState;
  }
  /** The state at another instant: at `duration`, everything that was said. Undefined until metadata is there. */
  async stateAt(seconds: number): Promise<RoomState | undefined> {
    return this.#player?.stateAt(seconds * 1000);
  }
  get error(): PlayerError | null {
    return this.#player?.error ?? null;
  }

  get currentTime(): number {
    return (this.#player?.positionMs ?? 0) / 1000;
  }
  set currentTime(seconds: number) {
    if (!Number.isFinite(seconds))
      throw new TypeError(`currentTime: expected a finite number of seconds, got ${seconds}`);
    if (this.readyState === 0) this.#startSeconds = seconds;
    else void this.#player?.seek(seconds * 1000);
  }
  get duration(): number {
    return (this.#player?.durationMs ?? NaN) / 1000;
  }
  get paused(): boolean {
    return this.#player?.isPaused ?? !this.#playWhenLoaded;
  }
  get ended(): boolean {
    return this.#player?.state === 'ended';
  }
  get seeking(): boolean {
    return this.#player?.state === 'seeking';
  }
  get playbackRate(): number {
    return this.#rate;
  }
  set playbackRate(rate: number) {
    this.#rate = Math.min(4, Math.max(0.25, rate));
    this.#player?.setRate(this.#rate);
  }
  get volume(): number {
    return this.#volume;
  }
  set volume(volume: number) {
    if (!(volume >= 0 && volume <= 1))
      throw new DOMException(`volume: expected 0 to 1, got ${volume}`, 'IndexSizeError');
    this.#volume = volume;
    this.#setLoudness();
  }
  get muted(): boolean {
    return this.#isMuted;
  }
  set muted(isMuted: boolean) {
    this.#isMuted = isMuted;
    this.#setLoudness();
  }
  /** As HTMLMediaElement's: 0 nothing, 1 metadata, 2 waiting for data, 4 can play. */
  get readyState(): number {
    const player = this.#player;
    if (!player) return 0;
    switch (player.state) {
      case 'idle':
      case 'loading':
      case 'error':
        return 0;
      case 'seeking':
        return 1;
      default:
        return player.isWaiting ? 2 : 4;
    }
  }
  get seekable(): TimeRanges {
    return singleRange(0, this.duration);
  }
  /** Ahead of playing only chunks and files' parts are loaded; media elements tell nothing in common. */
  get buffered(): TimeRanges {
    return singleRange(0, 0);
  }

  /** @throws PlayerError `play-not-allowed` when the browser wants a click first. */
  async play(): Promise<void> {
    if (!this.#player) this.#playWhenLoaded = true;
    else await this.#player.play();
  }

  pause(): void {
    this.#playWhenLoaded = false;
    this.#player?.pause();
  }

  /** Reads the recording anew. */
  load(): void {
    this.#queueLoad();
  }

  /** Attributes set in one go load once. */
  #queueLoad(): void {
    if (this.#isLoadQueued || !this.isConnected) return;
    this.#isLoadQueued = true;
    queueMicrotask(() => {
      this.#isLoadQueued = false;
      if (this.isConnected) this.#open();
    });
  }

  #open(): void {
    this.#close();
    if (this.src === '' || !this.shadowRoot) return;
    const token = this.getAttribute('token');
    this.#stageRoot = createElement(this.shadowRoot, 'stage');
    const player = new Player({
      source: new HttpRecordingSource({ manifestUrl: this.currentSrc, ...(token ? { token } : {}) }),
      root: this.#stageRoot,
      size: this.#size(),
      perspective: this.perspective,
      layout: this.layout,
      plugins: this.plugins,
      clock: realTimeClock(window),
    });
    for (const name of forwardedEvents) {
      player.addEventListener(name, () => {
        if (this.#player === player) this.dispatchEvent(new Event(name));
      });
    }
    this.#player = player;
    player.setRate(this.#rate);
    player.setLoudness(this.#volume, this.#isMuted);
    this.dispatchEvent(new Event('loadstart'));
    if (this.#playWhenLoaded || this.hasAttribute('autoplay'))
      player.play().catch((error: unknown) => this.#report(error));
    void player.load().then(() => {
      if (this.#player !== player || this.#startSeconds === undefined) return;
      const seconds = this.#startSeconds;
      this.#startSeconds = undefined;
      return player.seek(seconds * 1000);
    });
  }

  #close(): void {
    this.#player?.close();
    this.#player = undefined;
    this.#stageRoot?.remove();
  }

  #setLoudness(): void {
    if (this.#player) this.#player.setLoudness(this.#volume, this.#isMuted);
    else this.dispatchEvent(new Event('volumechange'));
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(1, this.clientWidth), height: Math.max(1, this.clientHeight) };
  }

  #report(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.dispatchEvent(new CustomEvent('playererror', { detail: { message, error } }));
  }
}

/** Registers `<rushes-player>`; calling it again does nothing. */
export function defineRushesPlayer(): void {
  if (!customElements.get('rushes-player')) customElements.define('rushes-player', RushesPlayer);
}
