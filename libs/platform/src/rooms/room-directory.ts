import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@rushes/database';
import type { RoomId } from '@rushes/timeline';
import { monotonicEpochMs } from '../clock/recording-clock.ts';
import { ProblemError } from '../errors/problem-error.ts';
import { LOGGER, type Logger } from '../logging/logger.ts';
import { HOLDER_ID } from '../recordings/holder-id.ts';
import { holdMs, RecordingLifecycle } from '../recordings/recording-lifecycle.ts';
import type { RecordingRow } from '../recordings/recording-rows.ts';
import { RoomRows } from './room-rows.ts';

/** A room as the process that hosts it offers it. */
export type HostedRoom = {
  /** Starts a recording of the room with the state it is in. */
  startRecording(options: { title?: string | undefined }): Promise<RecordingRow>;
};

const refreshMs = 5_000;

/** Which process hosts which room, so that a recording can be started from anywhere. */
@Injectable()
export class RoomDirectory implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #hosted = new Map<RoomId, HostedRoom>();
  readonly #rows: RoomRows;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Database) database: Database,
    @Inject(RecordingLifecycle) private readonly lifecycle: RecordingLifecycle,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HOLDER_ID) private readonly holderId: string,
  ) {
    this.#rows = new RoomRows(database);
  }

  /** Says that this process hosts the room now. */
  async host(roomId: RoomId, room: HostedRoom): Promise<void> {
    this.#hosted.set(roomId, room);
    await this.#rows.put(roomId, this.holderId, monotonicEpochMs() + holdMs);
  }

  /** Says that this process hosts the room no more. */
  async release(roomId: RoomId): Promise<void> {
    this.#hosted.delete(roomId);
    await this.#rows.remove(roomId, this.holderId);
  }

  /**
   * Starts a recording of a room, wherever it is hosted. In this process the room does it, with its state; another process
   * learns of it from the event log and takes hold of it.
   * @throws ProblemError 404 `room-not-found` when nobody is in such a room, 409 `already-recording`
   */
  async startRecording(roomId: RoomId, title?: string): Promise<RecordingRow> {
    const room = this.#hosted.get(roomId);
    if (room) return room.startRecording({ title });
    const holderId = await this.#rows.holderOf(roomId, monotonicEpochMs());
    if (holderId === undefined) {
      throw new ProblemError(
        404,
        'room-not-found',
        `Nobody is in a room "${roomId}": somebody has to join before it can be recorded.`,
      );
    }
    return this.lifecycle.start({ roomId, title, holderId });
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.refresh().catch((err: unknown) => this.logger.error({ err }, 'the rooms hosted here could not be renewed'));
    }, refreshMs);
    this.#timer.unref();
  }

  private async refresh(): Promise<void> {
    const nowMs = monotonicEpochMs();
    await this.#rows.refresh(this.holderId, nowMs + holdMs);
    await this.#rows.removeAbandoned(nowMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#hosted.clear();
    await this.#rows.removeAll(this.holderId);
  }
}
