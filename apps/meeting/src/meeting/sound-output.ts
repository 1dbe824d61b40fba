import type { TrackId } from '@rushes/timeline';

/** Plays the others' sound. The elements stand outside the document: what is recorded of the page is what is seen. */
export class SoundOutput {
  readonly #elements = new Map<TrackId, HTMLAudioElement>();

  constructor(private readonly onBlocked: (isBlocked: boolean) => void) {}

  /** Plays a track, or (null) stops it. */
  play(trackId: TrackId, track: MediaStreamTrack | null): void {
    const former = this.#elements.get(trackId);
    if (former) former.srcObject = null;
    this.#elements.delete(trackId);
    if (!track) return;
    const element = new Audio();
    element.srcObject = new MediaStream([track]);
    this.#elements.set(trackId, element);
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.onBlocked(true);
    });
  }

  /** After a click, which browsers want to see before they play. */
  async unblock(): Promise<void> {
    await Promise.allSettled([...this.#elements.values()].map((element) => element.play()));
    this.onBlocked(false);
  }
}
