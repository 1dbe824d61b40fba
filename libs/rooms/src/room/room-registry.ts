import { Inject, Injectable, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import {
  createReducer,
  type EndReason,
  type RecordingId,
  type RoomId,
  type RoomReducer,
  type RoomState,
} from '@rushes/timeline';
import {
  CONFIG,
  HealthRegistry,
  LOGGER,
  recordingNowMs,
  RoomDirectory,
  type Config,
  type Logger,
  type RoomRow,
} from '@rushes/platform';
import { WorkerPool } from '../media/worker-pool.ts';
import { ROOMS_OPTIONS, type RoomsOptions } from '../rooms-options.ts';
import { SignallingError } from '../signalling/signalling-error.ts';
import { decodeKeptState, encodeKeptState, isKeptStateChanged } from './kept-state.ts';
import { Room } from './room.ts';
import { StateKeeper } from './state-keeper.ts';

/** What happens to rooms that others want to know of. */
export type RoomObserver = {
  /** A room was opened; before anybody is in it. `interrupted`: what was being recorded when its former process ended. */
  onOpened(room: Room, interrupted: RecordingId | null): Promise<void>;
  /** Its members are out and nobody can join any more; awaited. */
  onEnded(room: Room, reason: EndReason): Promise<void>;
  /** The room goes on in another process, or will; awaited. */
  onGone(room: Room): Promise<void>;
};

/** Where a room lives: in this process, or in the one that pages reach at `url`. */
export type RoomPlace = { room: Room } | { url: string };

/**
 * The rooms of this process, by id. A room is opened by the first who comes and ended by its host or by being empty. When
 * the process ends, its rooms go on in another.
 */
@Injectable()
export class RoomRegistry implements OnModuleDestroy, OnApplicationShutdown {
  readonly #rooms = new Map<RoomId, Room>();
  readonly #opening = new Map<RoomId, Promise<RoomPlace>>();
  readonly #keepers = new Map<Room, StateKeeper>();
  readonly #emptyTimers = new WeakMap<Room, NodeJS.Timeout>();
  readonly #observers: RoomObserver[] = [];
  readonly #pool: WorkerPool;
  readonly #reducer: RoomReducer;
  #isShuttingDown = false;

  constructor(
    @Inject(ROOMS_OPTIONS) private readonly options: RoomsOptions,
    @Inject(RoomDirectory) private readonly directory: RoomDirectory,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
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

  /** The room, opened here unless it lives elsewhere; one that nobody enters ends as an empty one does. */
  async open(roomId: RoomId): Promise<RoomPlace> {
    const existing = this.#rooms.get(roomId);
    if (existing) return { room: existing };
    let opening = this.#opening.get(roomId);
    if (!opening) {
      opening = this.#open(roomId).finally(() => this.#opening.delete(roomId));
      this.#opening.set(roomId, opening);
    }
    return opening;
  }

  /** Ends the meeting for everybody, and what is recorded of it. Ending it again changes nothing. */
  async end(room: Room, reason: EndReason): Promise<void> {
    if (!this.#forget(room)) return;
    await room.close('room-ended');
    for (const observer of this.#observers) await observer.onEnded(room, reason);
    this.logger.info({ roomId: room.roomId, reason }, 'room ended');
  }

  /** Another process has the room: its people are sent to look for it. */
  async lose(room: Room): Promise<void> {
    if (await this.#letGo(room)) this.logger.warn({ roomId: room.roomId }, 'room lost to another process');
  }

  /** Before the recorder waits for its store, which may be away: people look for their room meanwhile. */
  async onModuleDestroy(): Promise<void> {
    this.#isShuttingDown = true;
    await Promise.all([...this.#rooms.values()].map((room) => this.#handOver(room)));
    await this.directory.handOver().catch((err: unknown) => this.logger.error({ err }, 'rooms are found free later'));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool.close();
  }

  async #open(roomId: RoomId): Promise<RoomPlace> {
    if (this.#isShuttingDown) throw new SignallingError('unavailable', 'The server is ending; try again');
    const claimed = await this.directory.claim(roomId);
    if (!claimed.isHere) return { url: claimed.url };
    const { kept } = claimed;
    const room = this.#create(kept);
    this.#rooms.set(roomId, room);
    this.#endWhenEmpty(room);
    this.logger.info({ roomId, isGoingOn: kept.state !== null }, 'room opened');
    for (const observer of this.#observers) await observer.onOpened(room, kept.recordingId);
    return { room };
  }

  #create(kept: RoomRow): Room {
    const { roomId, openedAt } = kept;
    const keeper = new StateKeeper({
      write: () => this.directory.keepState(roomId, encodeKeptState(room.state)),
      onError: (err) => this.logger.warn({ err, roomId }, 'the state of a room could not be kept, trying again'),
    });
    const room: Room = new Room({
      roomId,
      openedAt,
      state: this.#stateOf(kept),
      reducer: this.#reducer,
      pool: this.#pool,
      logger: this.logger,
      maxMembers: this.options.maxMembers,
      onOccupancyChanged: (isOccupied) => {
        if (isOccupied) this.#stopWaiting(room);
        else this.#endWhenEmpty(room);
      },
      onChanged: (before) => {
        if (isKeptStateChanged(before, room.state)) keeper.changed();
      },
    });
    this.#keepers.set(room, keeper);
    return room;
  }

  #stateOf({ roomId, openedAt, state }: RoomRow): RoomState {
    const initial = this.#reducer.initialState();
    if (state === null) return initial;
    try {
      return decodeKeptState(state, initial, recordingNowMs(openedAt));
    } catch (err) {
      this.logger.error({ err, roomId }, 'the kept state of a room cannot be read: it begins empty');
      return initial;
    }
  }

  /** This process ends, the meeting does not. Never rejects: the database may be away, and the recorder is still to end in order. */
  async #handOver(room: Room): Promise<void> {
    const { roomId } = room;
    try {
      await this.#keepers.get(room)?.flush();
      if (await this.#letGo(room)) this.logger.info({ roomId }, 'room handed over');
    } catch (err) {
      this.logger.error({ err, roomId }, 'room was not handed over in order');
    }
  }

  /** Puts everybody out, to find the room where it goes on. @returns false when it was not known any more */
  async #letGo(room: Room): Promise<boolean> {
    if (!this.#forget(room)) return false;
    try {
      for (const observer of this.#observers) await observer.onGone(room);
    } finally {
      await room.close('media-lost');
    }
    return true;
  }

  /** @returns false when it was not known any more */
  #forget(room: Room): boolean {
    if (this.#rooms.get(room.roomId) !== room) return false;
    this.#rooms.delete(room.roomId);
    this.#stopWaiting(room);
    this.#keepers.get(room)?.close();
    this.#keepers.delete(room);
    return true;
  }

  #endWhenEmpty(room: Room): void {
    this.#stopWaiting(room);
    if (room.isEnded) return;
    const timer = setTimeout(() => {
      // Everybody has been put out, to go on elsewhere.
      if (this.health.draining.aborted) return;
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
