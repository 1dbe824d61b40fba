import type { ManifestTrack, TrackMedia } from '@rushes/timeline';
import { correctionFor } from './drift.ts';

/** Half a millisecond into a frame, so that rounding never shows the one before. */
const frameEpsilonSeconds = 0.0005;
/** A paused element further off than this is set to the instant. */
const pausedToleranceMs = 8;
/** An element about to run that is no further off than this is not sought anew. */
const startToleranceMs = 120;
/** A file's last stretch, in which an element may report that it has no future data. */
const tailMs = 400;
/**
 * A browser that has held a picture for longer than this goes on badly: it takes that time into its mean of how long pictures last,
 * and shows the next second's too long or too early. Seen in Chromium.
 */
const longHoldMs = 500;
/** Gaps' ends are rounded, as are the files' times: this much later the next picture has begun for certain. */
const gapEdgeMs = 2;

export type Conduct = {
  atMs: number;
  isPlaying: boolean;
  rate: number;
  /** Whether running elements are compared with where they should be. */
  isCheck: boolean;
  onPlayRefused: (error: unknown) => void;
};

/** One track's media element, kept at the recording's time: the file's `t` seconds are `startMs + 1000 t`. */
export class TrackVoice {
  readonly element: HTMLMediaElement;
  readonly isBorrowed: boolean;
  #starting: Promise<void> | undefined;
  #isNudged = false;
  #lastMs = -Infinity;
  #isClosed = false;

  constructor(
    readonly track: ManifestTrack & { media: TrackMedia },
    options: { element: HTMLMediaElement; url: string },
  ) {
    const { element } = options;
    // A tile's own element, which belongs to the replayed page.
    this.isBorrowed = element.isConnected;
    element.preload = 'auto';
    element.controls = false;
    if (track.kind === 'video') {
      // Sound comes from the audio tracks alone.
      element.muted = true;
      element.setAttribute('playsinline', '');
      element.setAttribute('disablepictureinpicture', '');
      if ('requestVideoFrameCallback' in element) this.#awaitPicture(element as HTMLVideoElement);
    }
    element.src = options.url;
    this.element = element;
  }

  isInside(atMs: number): boolean {
    const { startMs, durationMs } = this.track.media;
    return atMs >= startMs && atMs < startMs + durationMs;
  }

  /** How far the element is ahead of `atMs`, in milliseconds; null when it has nothing to say (seeking, paused, outside). */
  driftMs(atMs: number): number | null {
    const { element } = this;
    if (!this.isInside(atMs) || element.paused || element.seeking || element.readyState < 3 || element.error)
      return null;
    return element.currentTime * 1000 - (atMs - this.track.media.startMs);
  }

  /** Whether playback at `atMs` has to wait for this element's data. */
  isStarved(atMs: number): boolean {
    const { startMs, durationMs } = this.track.media;
    const { element } = this;
    if (!this.isInside(atMs) || element.error || element.ended || atMs > startMs + durationMs - tailMs) return false;
    return element.seeking || element.readyState < 3;
  }

  conduct(conduct: Conduct): void {
    const { element } = this;
    const fileMs = conduct.atMs - this.track.media.startMs;
    const hasPassedGap = this.#passesGap(conduct.atMs);
    if (!this.isInside(conduct.atMs)) {
      if (!element.paused) element.pause();
      // Before its start and after its end a picture holds its first and last frame.
      if (!conduct.isPlaying) this.#seekTo(Math.min(Math.max(0, fileMs), this.track.media.durationMs));
      return;
    }
    if (!conduct.isPlaying) {
      if (!element.paused) element.pause();
      this.#seekTo(fileMs);
      return;
    }
    if (element.paused) return this.#start(fileMs, conduct);
    // A key frame stands at a gap's end, so this is quick, and the browser counts anew.
    if (hasPassedGap) element.currentTime = fileMs / 1000 + frameEpsilonSeconds;
    if (!conduct.isCheck) return;
    const drift = this.driftMs(conduct.atMs);
    const correction =
      drift === null ? { kind: 'none' as const } : correctionFor(drift, this.track.kind, this.#isNudged);
    if (correction.kind === 'seek') element.currentTime = fileMs / 1000 + frameEpsilonSeconds;
    this.#isNudged = correction.kind === 'nudge';
    const rate = conduct.rate * (correction.kind === 'nudge' ? correction.factor : 1);
    if (element.playbackRate !== rate) element.playbackRate = rate;
  }

  /** Resolves when the element can show or sound where it was set to, or never will. */
  async whenReady(): Promise<void> {
    const { element } = this;
    while (!element.error && element.getAttribute('src') !== null && (element.seeking || element.readyState < 2)) {
      await new Promise<void>((resolve) => {
        const events = ['seeked', 'loadeddata', 'canplay', 'error', 'emptied'] as const;
        const done = () => {
          for (const name of events) element.removeEventListener(name, done);
          resolve();
        };
        for (const name of events) element.addEventListener(name, done);
      });
    }
  }

  /** Resolves when the browser has allowed or refused to play. */
  async whenStarted(): Promise<void> {
    await this.#starting;
  }

  /** Lets go of the file; the voice is not used again. */
  close(): void {
    this.#isClosed = true;
    this.element.pause();
    this.element.removeAttribute('src');
    this.element.load();
    if (!this.isBorrowed) this.element.remove();
  }

  /** Whether a picture that was held over a long gap is over since the last instant. */
  #passesGap(atMs: number): boolean {
    const lastMs = this.#lastMs;
    this.#lastMs = atMs;
    if (this.track.kind !== 'video') return false;
    return this.track.gaps.some(({ fromMs, toMs }) => {
      const overMs = toMs + gapEdgeMs;
      return toMs - fromMs > longHoldMs && lastMs < overMs && overMs <= atMs;
    });
  }

  /**
   * Chromium, sought at about the time it loads and not playing, sometimes goes on showing the file's first picture, though it has the
   * other one: on a busy machine in three of a hundred elements, and in none of 660 since something always waits for the next picture.
   */
  #awaitPicture(element: HTMLVideoElement): void {
    if (!this.#isClosed) element.requestVideoFrameCallback(() => this.#awaitPicture(element));
  }

  #seekTo(fileMs: number): void {
    const wanted = fileMs / 1000 + frameEpsilonSeconds;
    if (Math.abs(this.element.currentTime - wanted) * 1000 > pausedToleranceMs) this.element.currentTime = wanted;
  }

  #start(fileMs: number, conduct: Conduct): void {
    const { element } = this;
    if (this.#starting || element.error) return;
    // One that was made ready for this moment is nudged the last few frames: a seek would hide its picture.
    const isNear = element.readyState >= 2 && Math.abs(element.currentTime * 1000 - fileMs) < startToleranceMs;
    if (!isNear) this.#seekTo(fileMs);
    element.playbackRate = conduct.rate;
    // Elements begin some tens of milliseconds apart: that is taken back at once, not tolerated for good.
    this.#isNudged = true;
    this.#starting = element
      .play()
      .catch((error: unknown) => {
        // A pause that came first aborts the play, which is what was wanted.
        if (!(error instanceof DOMException && error.name === 'AbortError')) conduct.onPlayRefused(error);
      })
      .finally(() => (this.#starting = undefined));
  }
}
