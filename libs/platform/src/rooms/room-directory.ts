import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@rushes/database';
import type { RecordingId, RoomId } from '@rushes/timeline';
import { monotonicEpochMs } from '../clock/recording-clock.ts';
import { CONFIG, type Config } from '../config/config.ts';
import { ProblemError } from '../errors/problem-error.ts';
import { LOGGER, type Logger } from '../logging/logger.ts';
import { HOLDER_ID } from '../recordings/holder-id.ts';
import { holdMs } from '../recordings/recording-lifecycle.ts';
import type { RecordingRow } from '../recordings/recording-rows.ts';
import { ConnectionWatch } from './connection-watch.ts';
import { RoomRequests, type RoomRecordingOptions, type RoomRequest } from './room-requests.ts';
import { RoomRows, type RoomRow } from './room-rows.ts';

/** A room as the process that hosts it offers it. */
export type HostedRoom = {
  /** Starts a recording of the room with the state it is in. */
  startRecording(options: RoomRecordingOptions): Promise<RecordingRow>;
  /** Another process has the room now: this one took too long to say that it lives. */
  onLost(): void;
};

/** Who has a room: this process, which goes on from `kept`, or the one at `url`. */
export type RoomClaimed = { isHere: true; kept: RoomRow } | { isHere: false; url: string };

const refreshMs = 1_000;
const answerMs = 250;
/** A database that has not answered for this long was away, for others too. Milliseconds. */
const longestPauseMs = 5_000;
/** What is known of a room that lost its process is forgotten when nobody came back for this long. Milliseconds. */
const keptMs = 10 * 60_000;

/** Which process hosts which room: each room lives in one, wherever its people arrive. */
@Injectable()
export class RoomDirectory implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #hosted = new Map<RoomId, HostedRoom>();
  readonly #rows: RoomRows;
  readonly #requests: RoomRequests;
  /** Requests that are being carried out. */
  readonly #answering = new Set<string>();
  #timers: NodeJS.Timeout[] = [];
  #isRefreshing = false;
  #isAnswering = false;
  readonly #watch = new ConnectionWatch(longestPauseMs);

  constructor(
    @Inject(Database) database: Database,
    @Inject(CONFIG) private readonly config: Pick<Config, 'recorderUrl'>,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HOLDER_ID) private readonly holderId: string,
  ) {
    this.#rows = new RoomRows(database);
    this.#requests = new RoomRequests(database);
  }

  /**
   * Takes a room for this process, if nobody has it. A holder that has been silent for {@link holdMs} loses it, unless this
   * process could not have heard it either, because the database was away.
   */
  async claim(roomId: RoomId): Promise<RoomClaimed> {
    const { holderId } = this;
    const openedAt = Math.round(monotonicEpochMs());
    const claim = { roomId, holderId, url: this.config.recorderUrl, openedAt, holdMs };
    for (;;) {
      const row = await this.#rows.claim({
        ...claim,
        mayTakeOver: this.#watch.hasHeardFor(holdMs, monotonicEpochMs()),
      });
      if (row) return row.holderId === holderId ? { isHere: true, kept: row } : { isHere: false, url: row.url };
    }
  }

  /** Says that a room which was claimed runs in this process now. */
  host(roomId: RoomId, room: HostedRoom): void {
    this.#hosted.set(roomId, room);
  }

  /** Where another process that lives has the room; undefined when none has. */
  async findElsewhere(roomId: RoomId): Promise<string | undefined> {
    const row = await this.#rows.findHeld(roomId);
    return row === undefined || row.holderId === this.holderId ? undefined : row.url;
  }

  /** Whether a process of this installation hosts the room now. */
  async isLive(roomId: RoomId): Promise<boolean> {
    return this.#hosted.has(roomId) || (await this.#rows.findHeld(roomId)) !== undefined;
  }

  /** Keeps the room's state (`RoomState` as JSON) for whoever goes on with it if this process dies. */
  keepState(roomId: RoomId, state: string): Promise<void> {
    return this.#rows.keepState(roomId, this.holderId, state);
  }

  /** Keeps which recording runs in the room, null for none. */
  keepRecording(roomId: RoomId, recordingId: RecordingId | null): Promise<void> {
    return this.#rows.keepRecording(roomId, this.holderId, recordingId);
  }

  /** Says that the room is over; nothing of it is kept. Not if it was opened anew since. */
  async release(roomId: RoomId, room: HostedRoom): Promise<void> {
    if ((this.#hosted.get(roomId) ?? room) !== room) return;
    this.#hosted.delete(roomId);
    await this.#rows.remove(roomId, this.holderId);
  }

  /** Lets go of all rooms of a process that has ended, so that they can go on elsewhere at once. */
  handBack(holderId: string): Promise<void> {
    return this.#rows.handBack(holderId);
  }

  /**
   * Starts a recording of a room, wherever it is hosted: the room does it, which alone knows its state.
   * @throws ProblemError 404 `room-not-found` when nobody is in such a room, 409 `already-recording`, 503 `recorder-silent`
   */
  async startRecording(roomId: RoomId, options: RoomRecordingOptions = {}): Promise<RecordingRow> {
    const room = this.#hosted.get(roomId);
    if (room) return room.startRecording(options);
    const row = await this.#rows.findHeld(roomId);
    if (row === undefined) throw roomNotFound(roomId);
    return this.#requests.startRecording(roomId, row.holderId, options);
  }

  onApplicationBootstrap(): void {
    this.#watch.note(monotonicEpochMs());
    this.#timers = [
      setInterval(() => void this.refresh(), refreshMs),
      setInterval(() => void this.answerRequests(), answerMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** This process ends: its rooms go on elsewhere from now on. */
  async handOver(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#hosted.clear();
    await this.#rows.handBack(this.holderId);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.handOver();
  }

  private async refresh(): Promise<void> {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    try {
      const hosted = [...this.#hosted.keys()];
      const held = new Set(await this.#rows.refresh(this.holderId, holdMs));
      for (const roomId of hosted) if (!held.has(roomId)) await this.renew(roomId);
      await this.#rows.removeAbandoned(keptMs);
      await this.#requests.removeOld();
      this.#watch.note(monotonicEpochMs());
    } catch (err) {
      this.logger.error({ err }, 'the rooms hosted here could not be renewed');
    } finally {
      this.#isRefreshing = false;
    }
  }

  /** Does what other processes ask of the rooms here. */
  private async answerRequests(): Promise<void> {
    if (this.#hosted.size === 0 || this.#isAnswering) return;
    this.#isAnswering = true;
    try {
      for (const request of await this.#requests.openOf(this.holderId)) {
        if (!this.#answering.has(request.requestId)) void this.answer(request);
      }
    } catch (err) {
      this.logger.warn({ err }, 'what is asked of the rooms here could not be read');
    } finally {
      this.#isAnswering = false;
    }
  }

  private async answer(request: RoomRequest): Promise<void> {
    const { requestId, roomId, title, highestLayer } = request;
    const room = this.#hosted.get(roomId);
    this.#answering.add(requestId);
    try {
      await this.#requests.answer(request, async () => {
        if (!room) throw roomNotFound(roomId);
        return room.startRecording({ title: title ?? undefined, highestLayer: highestLayer ?? undefined });
      });
    } catch (err) {
      this.logger.error({ err, roomId }, 'a request could not be answered');
    } finally {
      this.#answering.delete(requestId);
    }
  }

  /** A room whose row is gone, or somebody else's. */
  private async renew(roomId: RoomId): Promise<void> {
    const room = this.#hosted.get(roomId);
    if (!room || (await this.claim(roomId)).isHere) return;
    this.#hosted.delete(roomId);
    this.logger.warn({ roomId }, 'another process has taken the room over');
    room.onLost();
  }
}

function roomNotFound(roomId: RoomId): ProblemError {
  return new ProblemError(
    404,
    'room-not-found',
    `Nobody is in a room "${roomId}": somebody has to join before it can be recorded.`,
  );
}
