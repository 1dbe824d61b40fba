import type { TimelinePlugin } from '@rushes/timeline';

/** Injection token of {@link RoomsOptions}. */
export const ROOMS_OPTIONS = Symbol('ROOMS_OPTIONS');

export type RoomsOptions = {
  /** Plugins whose events pages may send; their state is kept for those who come late. */
  plugins: readonly TimelinePlugin[];
  /** How long a room that everybody has left waits for somebody to come back (a reload), milliseconds. */
  emptyRoomMs: number;
  maxMembers: number;
  /** Media worker processes. */
  workerCount: number;
};

export const defaultRoomsOptions: RoomsOptions = {
  plugins: [],
  emptyRoomMs: 10_000,
  maxMembers: 50,
  workerCount: 1,
};
