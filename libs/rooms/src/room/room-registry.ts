import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { createReducer, type EndReason, type RoomId, type RoomReducer } from '@rushes/timeline';
import { CONFIG, LOGGER, type Config, type Logger } from '@rushes/platform';
import { WorkerPool } from '../media/worker-pool.ts';
import { ROOMS_OPTIONS, type RoomsOptions } from '../rooms-options.ts';
import { Room } from './room.ts';

/** What happens to rooms that others want to know of; each is called synchronously. */
export type RoomObserver = {
  /** A room was opened; before anybody is in it. */
  onOpened?(room: Room): void;
  /** Its members are out and nobody can join any more; awaited. */
  onEnded?(room: Room, reason: EndReason): Promise<void>;
};

/** The rooms of this process, by id. A room is opened by the first who comes and ended by its host or by being empty. */
@Injectable()
export class RoomRegistry implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #rooms = new Map<RoomId, Room>();
  readonly #emptyTimers = new WeakMap<Room, NodeJS.Timeout>();
  readonly #observers: RoomObserver[] = [];
  readonly #pool: WorkerPool;
  readonly #reducer: RoomReducer;

  constructor(
    @Inject(ROOMS_OPTIONS) private readonly options: RoomsOptions,
    @Inject(CONFIG) config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#pool = new WorkerPool({ config, logger, size: options.workerCount });
    this.#reducer = createReducer(options.plugins);
  }

  observe(observer: RoomObserver): void {
    this.#observers.push(observer);
  }

  find(roomId: RoomId): Room | undefined {
    return this.#rooms.get(roomId);
  }

  rooms(): readonly Room[] {
    return [...this.#rooms.values()];
  }

  /** The room, opened if need be; one that nobody enters ends as an empty one does. */
  open(roomId: RoomId): Room {
    const existing = this.#rooms.get(roomId);
    if (existing) return existing;
    const room: Room = new Room({
      roomId,
      reducer: this.#reducer,
      pool: this.#pool,
      logger: this.logger,
      maxMembers: this.options.maxMembers,
      onOccupancyChanged: (isOccupied) => {
        if (isOccupied) this.#stopWaiting(room);
        else this.#endWhenEmpty(room);
      },
    });
    this.#rooms.set(roomId, room);
    this.#endWhenEmpty(room);
    this.logger.info({ roomId }, 'room opened');
    for (const observer of this.#observers) observer.onOpened?.(room);
    return room;
  }

  /** Ends the meeting for everybody, and what is recorded of it. Ending it again changes nothing. */
  async end(room: Room, reason: EndReason): Promise<void> {
    if (this.#rooms.get(room.roomId) !== room) return;
    this.#rooms.delete(room.roomId);
    this.#stopWaiting(room);
    await room.close('room-ended');
    for (const observer of this.#observers) {
      await observer.onEnded?.(room, reason);
    }
    this.logger.info({ roomId: room.roomId, reason }, 'room ended');
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((room) => this.end(room, 'room-ended')));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.close();
  }

  #endWhenEmpty(room: Room): void {
    this.#stopWaiting(room);
    if (room.isEnded) return;
    const timer = setTimeout(() => {
      this.end(room, 'everyone-left').catch((err: unknown) =>
        this.logger.error({ err, roomId: room.roomId }, 'room did not end cleanly'),
      );
    }, this.options.emptyRoomMs);
    this.#emptyTimers.set(room, timer.unref());
  }

  #stopWaiting(room: Room): void {
    clearTimeout(this.#emptyTimers.get(room));
    this.#emptyTimers.delete(room);
  }
}
