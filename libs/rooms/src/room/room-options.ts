import type { ParticipantId, ParticipantRole, RoomId, RoomReducer, RoomState, TimelineEvent } from '@rushes/timeline';
import type { Logger } from '@rushes/platform';
import type { WorkerPool } from '../media/worker-pool.ts';
import type { MemberLink } from './member.ts';

export type RoomOptions = {
  roomId: RoomId;
  reducer: RoomReducer;
  pool: WorkerPool;
  logger: Logger;
  /** More people than this are refused with `room-full`. */
  maxMembers: number;
  /** Epoch milliseconds of the room clock's zero. */
  openedAt: number;
  /** The state it begins with. */
  state: RoomState;
  /** Called whenever somebody comes, and when nobody is there any more; may repeat itself. */
  onOccupancyChanged(isOccupied: boolean): void;
  /** Something was applied to the state; `before` is what it was. */
  onChanged(before: RoomState): void;
};

/** An event as it happens; the room stamps the time. */
export type Happening = { type: TimelineEvent['type']; participantId: ParticipantId; data: unknown };
export type JoinOptions = { participantId: ParticipantId; name: string; role: ParticipantRole; link: MemberLink };
