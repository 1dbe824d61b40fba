import type { Manifest, RoomState } from '@rushes/timeline';
import { seekDriftMs } from '../media/drift.ts';
import { RoomTimeline } from '../engine/room-timeline.ts';
import { MediaDeck } from '../media/media-deck.ts';
import { Stage } from '../stage/stage.ts';
import type { PlayerOptions } from './player-options.ts';
import { Playhead } from './playhead.ts';

/** The stage, the media and the playhead, brought to the same instant. Knows nothing of states and events. */
export class Playback {
  readonly deck: MediaDeck;
  readonly playhead: Playhead;
  #stage: Stage | undefined;
  #manifest: Manifest | undefined;
  #rate = 1;

  constructor(
    readonly options: PlayerOptions,
    readonly onPlayRefused: (error: unknown) => void,
  ) {
    this.playhead = new Playhead(options.clock);
    const urlOf = (key: string) => options.source.urlOf(key);
    this.deck = new MediaDeck({ document: options.root.ownerDocument, urlOf });
  }

  get stage(): Stage | undefined {
    return this.#stage;
  }
  get manifest(): Manifest | undefined {
    return this.#manifest;
  }
  get durationMs(): number {
    return this.#manifest?.durationMs ?? NaN;
  }
  /** Never beyond the end. */
  get positionMs(): number {
    return Math.min(this.playhead.positionMs, this.#manifest?.durationMs ?? 0);
  }
  get roomState(): RoomState | undefined {
    return this.#stage?.state;
  }
  get rate(): number {
    return this.#rate;
  }
  set rate(rate: number) {
    this.#rate = rate;
    this.playhead.setRate(rate);
  }

  /** Takes the manifest, or the one that grew. @throws PlayerError `perspective-unknown` */
  setManifest(manifest: Manifest): void {
    this.#manifest = manifest;
    this.deck.setManifest(manifest);
    if (this.#stage) this.#stage.setManifest(manifest);
    else this.#stage = new Stage(manifest, this.deck, this.options);
  }

  /** Puts stage and media to where the playhead is; false when the stage has to be prepared first. */
  show(): boolean {
    return this.#stage?.show(this.positionMs) ?? false;
  }

  async prepare(): Promise<void> {
    await this.#stage?.prepare(this.positionMs);
  }

  /** Lets media run from the playhead, or holds it there. `isCheck` also corrects what drifted. */
  conduct(isPlaying: boolean, isCheck = false): void {
    const { onPlayRefused } = this;
    this.deck.conduct({ atMs: this.positionMs, isPlaying, rate: this.#rate, isCheck, onPlayRefused });
  }

  run(): void {
    this.playhead.run();
    this.conduct(true);
  }

  hold(): void {
    this.playhead.moveTo(this.positionMs);
    this.playhead.stop();
    this.conduct(false);
  }

  /** The audio that sounds is the clock: the playhead goes where it is, unless it is lost. */
  followAudio(): void {
    const driftMs = this.deck.masterDriftMs(this.positionMs);
    if (driftMs !== null && Math.abs(driftMs) <= seekDriftMs) this.playhead.moveTo(this.playhead.positionMs + driftMs);
  }

  /** The room's state at another instant, for those who list what is to come. Loads one chunk. @throws PlayerError */
  async stateAt(atMs: number): Promise<RoomState | undefined> {
    const timeline = new RoomTimeline(this.options);
    timeline.setChunks(this.#manifest?.timeline.events ?? []);
    await timeline.prepare(atMs);
    return timeline.stateAt(atMs);
  }

  isStarved(): boolean {
    return this.deck.isStarved(this.positionMs);
  }

  prefetch(): void {
    this.#stage?.prefetchAfter(this.positionMs);
  }

  close(): void {
    this.#stage?.destroy();
    this.deck.close();
  }
}
