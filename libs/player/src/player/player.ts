import type { Manifest, RoomState } from '@rushes/timeline';
import { checkIntervalMs } from '../media/drift.ts';
import { PlayerError } from '../player-error.ts';
import type { StageSize } from '../stage/layer.ts';
import type { Layout, PerspectiveId } from '../types.ts';
import { Playback } from './playback.ts';
import type { PlayerOptions } from './player-options.ts';
import { nextState, type PlayerInput, type PlayerState } from './transitions.ts';

/** How often `timeupdate` comes, a running recording is asked whether it grew, and how far before its end it opens. */
const timeUpdateMs = 250;
const pollMs = 2000;
const liveEdgeMs = 2000;

/**
 * Plays a recording. Dispatches HTMLMediaElement's events, `statechange` when the room's state at the playing instant
 * changed, and `perspectivechange`. Times in milliseconds; the custom element translates to seconds.
 */
export class Player extends EventTarget {
  readonly #options: PlayerOptions;
  readonly #playback: Playback;
  #state: PlayerState = 'idle';
  #error: PlayerError | undefined;
  #wantsToPlay = false;
  #isWaiting = false;
  /** Async work that began under another number is dropped when it comes back. */
  #generation = 0;
  #cancelFrame: (() => void) | undefined;
  #next = { checkMs: 0, timeUpdateMs: 0, pollMs: 0 };

  constructor(options: PlayerOptions) {
    super();
    this.#options = { ...options };
    this.#playback = new Playback(this.#options, (error) => this.#refusePlay(error));
  }

  get state(): PlayerState {
    return this.#state;
  }
  get error(): PlayerError | undefined {
    return this.#error;
  }
  get manifest(): Manifest | undefined {
    return this.#playback.manifest;
  }
  get roomState(): RoomState | undefined {
    return this.#playback.roomState;
  }
  get durationMs(): number {
    return this.#playback.durationMs;
  }
  get positionMs(): number {
    return this.#playback.positionMs;
  }
  get isPaused(): boolean {
    return !this.#wantsToPlay;
  }
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Reads the manifest and shows the first instant. Failures end in state `error` and the event `error`. */
  async load(): Promise<void> {
    if (!this.#enter('load')) return;
    const generation = ++this.#generation;
    try {
      const manifest = await this.#options.source.loadManifest();
      if (generation !== this.#generation) return;
      this.#playback.setManifest(manifest);
    } catch (error) {
      if (generation === this.#generation) this.#fail(error);
      return;
    }
    this.#enter('ready');
    this.#emit('durationchange', 'loadedmetadata');
    this.#keepTicking();
    const beginMs = this.#isLive ? Math.max(0, this.durationMs - liveEdgeMs) : 0;
    await this.#settleAt(beginMs, ['timeupdate', 'loadeddata', 'canplay']);
  }

  /**
   * Plays from where it is; from the start when it had ended. Call it from a user's gesture.
   * @throws PlayerError `play-not-allowed` when the browser refuses sound without one.
   */
  async play(): Promise<void> {
    if (this.#state === 'error') throw this.#error ?? new PlayerError('media-failed', 'nothing to play', false);
    if (!this.#wantsToPlay) {
      this.#wantsToPlay = true;
      this.#emit('play');
    }
    if (this.#state === 'ended') return this.seek(0);
    if (!this.#enter('play')) return;
    this.#error = undefined;
    this.#resume();
    await this.#playback.deck.whenStarted();
    // Set by an element that was refused while this waited.
    const refusal = this.#error as PlayerError | undefined;
    if (refusal) throw refusal;
  }

  pause(): void {
    if (!this.#wantsToPlay) return;
    this.#wantsToPlay = false;
    this.#isWaiting = false;
    if (this.#enter('pause')) this.#playback.hold();
    this.#emit('timeupdate', 'pause');
  }

  /** Resolves when the instant is on the stage, or another seek took over. */
  async seek(atMs: number): Promise<void> {
    if (!this.#enter('seek')) return;
    this.#emit('seeking');
    await this.#settleAt(Math.min(Math.max(0, atMs), this.durationMs), ['timeupdate', 'seeked']);
  }

  setRate(rate: number): void {
    if (rate === this.#playback.rate) return;
    this.#playback.rate = rate;
    if (this.#state === 'playing' && !this.#isWaiting) this.#playback.conduct(true, true);
    this.#emit('ratechange');
  }

  setLoudness(volume: number, isMuted: boolean): void {
    this.#playback.deck.setLoudness(volume, isMuted);
    this.#emit('volumechange');
  }

  /** The room's state at another instant than the playing one. Loads one chunk. @throws PlayerError */
  stateAt(atMs: number): Promise<RoomState | undefined> {
    return this.#playback.stateAt(atMs);
  }

  /** @throws PlayerError `perspective-unknown` */
  async setPerspective(perspective: PerspectiveId, layout: Layout): Promise<void> {
    if (perspective === this.#options.perspective && layout === this.#options.layout) return;
    this.#playback.stage?.setPerspective(perspective, layout);
    Object.assign(this.#options, { perspective, layout });
    this.#emit('perspectivechange');
    if (this.#enter('seek')) await this.#settleAt(this.positionMs, ['timeupdate', 'seeked']);
  }

  resize(size: StageSize): void {
    Object.assign(this.#options, { size });
    this.#playback.stage?.resize(size);
    if (this.roomState) this.#playback.show();
  }

  close(): void {
    this.#generation++;
    this.#state = 'idle';
    this.#cancelFrame?.();
    this.#playback.close();
  }

  get #isLive(): boolean {
    return this.manifest?.status === 'recording' && this.#state !== 'idle';
  }

  /** Brings stage and media to the instant, then goes on as wanted. */
  async #settleAt(atMs: number, announce: readonly string[]): Promise<void> {
    const generation = ++this.#generation;
    this.#isWaiting = false;
    this.#playback.playhead.stop();
    this.#playback.playhead.moveTo(atMs);
    try {
      while (!this.#show()) {
        await this.#playback.prepare();
        if (generation !== this.#generation) return;
      }
      this.#playback.conduct(false);
      await this.#playback.deck.whenReady();
    } catch (error) {
      if (generation === this.#generation) this.#fail(error);
      return;
    }
    if (generation !== this.#generation) return;
    this.#playback.prefetch();
    this.#enter(this.#wantsToPlay ? 'settle-playing' : 'settle-paused');
    this.#emit(...announce);
    if (this.#wantsToPlay) this.#resume();
  }

  #resume(): void {
    this.#next.checkMs = this.#options.clock.nowMs() + checkIntervalMs;
    this.#playback.run();
    this.#emit('playing');
    this.#keepTicking();
  }

  #keepTicking(): void {
    if (this.#cancelFrame || (this.#state !== 'playing' && !this.#isLive)) return;
    this.#cancelFrame = this.#options.clock.onNextFrame(() => {
      this.#cancelFrame = undefined;
      this.#tick();
      this.#keepTicking();
    });
  }

  #tick(): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#isLive && nowMs >= this.#next.pollMs) {
      this.#next.pollMs = nowMs + pollMs;
      void this.#poll();
    }
    if (this.#state !== 'playing') return;
    if (this.#isWaiting) return this.#endWaiting();
    const isCheck = nowMs >= this.#next.checkMs;
    if (isCheck) {
      this.#next.checkMs = nowMs + checkIntervalMs;
      this.#playback.followAudio();
      if (this.#playback.isStarved()) return this.#wait();
    }
    if (this.positionMs >= this.durationMs) return this.#isLive ? this.#wait() : this.#finish();
    if (!this.#show()) return this.#waitForStage();
    this.#playback.conduct(true, isCheck);
    if (nowMs < this.#next.timeUpdateMs) return;
    this.#next.timeUpdateMs = nowMs + timeUpdateMs;
    this.#playback.prefetch();
    this.#emit('timeupdate');
  }

  #wait(): void {
    this.#isWaiting = true;
    this.#playback.hold();
    this.#emit('waiting');
  }

  #waitForStage(): void {
    if (!this.#isWaiting) this.#wait();
    const generation = this.#generation;
    this.#playback.prepare().catch((error: unknown) => {
      if (generation === this.#generation) this.#fail(error);
    });
  }

  #endWaiting(): void {
    if (this.#playback.isStarved() || (this.#isLive && this.positionMs >= this.durationMs)) return;
    if (!this.#show()) return this.#waitForStage();
    this.#isWaiting = false;
    this.#resume();
  }

  #finish(): void {
    this.#playback.hold();
    this.#show();
    this.#wantsToPlay = false;
    this.#enter('end');
    this.#emit('timeupdate', 'pause', 'ended');
  }

  async #poll(): Promise<void> {
    const before = this.manifest;
    try {
      const manifest = await this.#options.source.loadManifest();
      if (!this.#isLive || manifest === before) return;
      this.#playback.setManifest(manifest);
      this.#emit('durationchange', 'progress');
    } catch (error) {
      // A running recording is asked again soon.
      if (!(error instanceof PlayerError && error.retriable)) this.#fail(error);
    }
  }

  #show(): boolean {
    const before = this.roomState;
    const isShown = this.#playback.show();
    if (isShown && this.roomState !== before) this.#emit('statechange');
    return isShown;
  }

  #refusePlay(error: unknown): void {
    if (!this.#wantsToPlay || !(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
    this.#error = new PlayerError('play-not-allowed', 'the browser plays sound only after a click', true, {
      cause: error,
    });
    this.pause();
    this.#emit('playrefused');
  }

  #fail(cause: unknown): void {
    this.#error = PlayerError.from(cause);
    this.#generation++;
    this.#wantsToPlay = false;
    this.#playback.hold();
    this.#enter('fail');
    this.#emit('error');
  }

  #enter(input: PlayerInput): boolean {
    const next = nextState(this.#state, input);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }

  #emit(...names: string[]): void {
    for (const name of names) this.dispatchEvent(new Event(name));
  }
}
