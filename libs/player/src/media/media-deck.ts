import type { Manifest, ManifestTrack, TrackId, TrackMedia } from '@rushes/timeline';
import { pictureStyle } from '../stage/dom/surface-css.ts';
import { isPicture, placeInContainer } from '../stage/fill-contents.ts';
import type { TileContents, TileSlot, UpcomingSlots } from '../stage/tile-slot.ts';
import { TrackVoice, type Conduct } from './track-voice.ts';

/** Audio is loaded this long before it begins and let go this long after it ended. */
const audioLeadMs = 8000;
const audioTrailMs = 30_000;

type PlayableTrack = ManifestTrack & { media: TrackMedia };

/**
 * All media elements of a recording: one for each audio track near the playing instant, one for each picture on the
 * stage. Pictures live in the document of their tile, because moving a media element to another document reloads it.
 */
export class MediaDeck implements TileContents {
  readonly #audio = new Map<TrackId, TrackVoice>();
  readonly #pictures = new Map<HTMLElement, TrackVoice>();
  /** Pictures of a frame that does not show yet. */
  readonly #warmed = new Map<HTMLElement, TrackVoice>();
  #tracks = new Map<TrackId, PlayableTrack>();
  #master: TrackVoice | undefined;
  #volume = 1;
  #isMuted = false;

  constructor(readonly options: { document: Document; urlOf: (key: string) => string }) {}

  setManifest(manifest: Manifest): void {
    this.#tracks = new Map(
      manifest.tracks
        .filter((track): track is PlayableTrack => track.media !== null)
        .map((track) => [track.trackId, track]),
    );
  }

  setLoudness(volume: number, isMuted: boolean): void {
    this.#volume = volume;
    this.#isMuted = isMuted;
    for (const voice of this.#audio.values()) this.#setLoudnessOf(voice);
  }

  fill(slots: readonly TileSlot[]): void {
    const containers = new Map(slots.map((slot) => [slot.container, slot.trackId]));
    const spare: TrackVoice[] = [];
    for (const [container, voice] of this.#pictures) {
      if (containers.get(container) === voice.track.trackId) continue;
      this.#pictures.delete(container);
      spare.push(voice);
    }
    for (const slot of slots) {
      const { container, trackId } = slot;
      let voice = this.#pictures.get(container) ?? this.#warmed.get(container);
      if (!voice && !isPicture(container)) voice = takeSpare(spare, trackId, container.ownerDocument);
      voice ??= this.#createPictureVoice(slot);
      if (!voice) continue;
      this.#warmed.delete(container);
      this.#pictures.set(container, voice);
      place(voice, slot);
    }
    for (const voice of spare) voice.close();
  }

  warm(upcoming: UpcomingSlots | undefined): void {
    const containers = new Set(upcoming?.slots.map((slot) => slot.container));
    for (const [container, voice] of this.#warmed) {
      if (containers.has(container)) continue;
      voice.close();
      this.#warmed.delete(container);
    }
    for (const slot of upcoming?.slots ?? []) {
      if (this.#warmed.has(slot.container) || this.#pictures.has(slot.container)) continue;
      const voice = this.#createPictureVoice(slot);
      if (!voice) continue;
      this.#warmed.set(slot.container, voice);
      place(voice, slot);
      const onPlayRefused = () => undefined;
      voice.conduct({ atMs: upcoming!.atMs, isPlaying: false, rate: 1, isCheck: false, onPlayRefused });
    }
  }

  /** Brings every element to the instant: running, paused, loaded or let go. */
  conduct(conduct: Conduct): void {
    this.#chooseAudio(conduct.atMs);
    for (const voice of this.#voices()) {
      // The clock follows the master; only when the two are far apart is it moved.
      const isMaster = voice === this.#master && Math.abs(voice.driftMs(conduct.atMs) ?? 0) < 250;
      voice.conduct(isMaster ? { ...conduct, isCheck: false } : conduct);
      if (isMaster && conduct.isPlaying && voice.element.playbackRate !== conduct.rate) {
        voice.element.playbackRate = conduct.rate;
      }
    }
  }

  /** How far the sounding audio is ahead of `atMs`, in milliseconds; null when none sounds. It is the clock to follow. */
  masterDriftMs(atMs: number): number | null {
    const current = this.#master?.driftMs(atMs) ?? null;
    if (current !== null) return current;
    this.#master = [...this.#audio.values()].find((voice) => voice.driftMs(atMs) !== null);
    return this.#master?.driftMs(atMs) ?? null;
  }

  /** Whether playing has to wait for data: of any sound, or, without sound, of any picture. */
  isStarved(atMs: number): boolean {
    const audible = [...this.#audio.values()].filter((voice) => voice.isInside(atMs));
    const decisive = audible.length > 0 ? audible : [...this.#pictures.values()];
    return decisive.some((voice) => voice.isStarved(atMs));
  }

  async whenReady(): Promise<void> {
    await Promise.all(this.#voices().map((voice) => voice.whenReady()));
  }

  /** Resolves when the browser has allowed or refused each element to play. */
  async whenStarted(): Promise<void> {
    await Promise.all(this.#voices().map((voice) => voice.whenStarted()));
  }

  close(): void {
    this.warm(undefined);
    for (const voice of this.#voices()) voice.close();
    this.#audio.clear();
    this.#pictures.clear();
  }

  #createPictureVoice({ container, trackId }: TileSlot): TrackVoice | undefined {
    const track = this.#tracks.get(trackId);
    if (!track) return undefined;
    const element = isPicture(container) ? (container as HTMLVideoElement) : createPicture(container.ownerDocument);
    return new TrackVoice(track, { element, url: this.options.urlOf(track.media.key) });
  }

  #voices(): TrackVoice[] {
    return [...this.#audio.values(), ...this.#pictures.values()];
  }

  #chooseAudio(atMs: number): void {
    for (const track of this.#tracks.values()) {
      if (track.kind !== 'audio') continue;
      const { startMs, durationMs, key } = track.media;
      const voice = this.#audio.get(track.trackId);
      const endMs = startMs + durationMs;
      if (!voice && atMs >= startMs - audioLeadMs && atMs < endMs) {
        const element = this.options.document.createElement('audio');
        const created = new TrackVoice(track, { element, url: this.options.urlOf(key) });
        this.#setLoudnessOf(created);
        this.#audio.set(track.trackId, created);
      } else if (voice && (atMs < startMs - audioTrailMs || atMs > endMs + audioTrailMs)) {
        voice.close();
        this.#audio.delete(track.trackId);
        if (this.#master === voice) this.#master = undefined;
      }
    }
  }

  #setLoudnessOf(voice: TrackVoice): void {
    voice.element.volume = this.#volume;
    voice.element.muted = this.#isMuted;
  }
}

function place(voice: TrackVoice, { container, fit }: TileSlot): void {
  if (voice.element !== container) voice.element.style.setProperty('object-fit', fit, 'important');
  placeInContainer(container, voice.element);
}

function createPicture(document: Document): HTMLVideoElement {
  const element = document.createElement('video');
  element.style.cssText = pictureStyle;
  return element;
}

function takeSpare(spare: TrackVoice[], trackId: TrackId, document: Document): TrackVoice | undefined {
  const index = spare.findIndex(
    (voice) => voice.track.trackId === trackId && voice.element.ownerDocument === document && !voice.isBorrowed,
  );
  return index === -1 ? undefined : spare.splice(index, 1)[0];
}
