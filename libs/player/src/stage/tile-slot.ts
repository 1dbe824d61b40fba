import type { ParticipantId, TrackId } from '@rushes/timeline';

/** Where a track's picture goes: an element, in whichever document, whose box the picture fills. */
export type TileSlot = {
  trackId: TrackId;
  participantId: ParticipantId;
  container: HTMLElement;
  fit: 'cover' | 'contain';
};

/** What is put into slots: playing elements in the viewer, flat colours for the renderer. */
export type TileContents = {
  /** Makes exactly these slots hold their pictures. Slots of one call to the next are the same when their container is. */
  fill(slots: readonly TileSlot[]): void;
  /** Gets pictures ready in slots that will show soon; undefined when none will. */
  warm?(upcoming: UpcomingSlots | undefined): void;
};

/** Slots of a frame that takes over at `atMs`. */
export type UpcomingSlots = { atMs: number; slots: readonly TileSlot[] };
