import type { RoomState } from '@rushes/timeline';
import type { TileGeometry } from '../types.ts';
import type { TileSlot, UpcomingSlots } from './tile-slot.ts';

export type StageSize = { width: number; height: number };

/** One perspective on the stage. */
export type StageLayer = {
  /** Loads and builds what {@link show} needs for `atMs`. */
  prepare(atMs: number): Promise<void>;
  /** Applies the instant now; false when {@link prepare} has not been done for it. */
  show(atMs: number, state: RoomState): boolean;
  /** Starts what will be needed after `atMs`. */
  prefetchAfter(atMs: number): void;
  resize(size: StageSize): void;
  /** The visible slots, lowest first. */
  slots(): readonly TileSlot[];
  /** The slots that replace them soon after `atMs`, when other elements take over; undefined most of the time. */
  upcoming(atMs: number): UpcomingSlots | undefined;
  /** Where {@link slots} lie on the stage; those without an area are left out. */
  tiles(): TileGeometry[];
  /** Resolves when fonts and images of what is shown are decoded. */
  whenPainted(): Promise<void>;
  destroy(): void;
};
