import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@rushes/database';
import type { EndReason, RecordingId, RoomId, RoomState } from '@rushes/timeline';
import { monotonicEpochMs, recordingMsAt } from '../clock/recording-clock.ts';
import { ProblemError } from '../errors/problem-error.ts';
import type { EventPublisher } from '../events/event-publisher.ts';
import { EventPublishers } from '../events/event-publishers.ts';
import { newId } from '../ids/new-id.ts';
import { LOGGER, type Logger } from '../logging/logger.ts';
import { externalHolderId, HOLDER_ID } from './holder-id.ts';
import { RecordingRows, type RecordingRow } from './recording-rows.ts';

export type StartRecording = {
  roomId: RoomId;
  title?: string | undefined;
  /** Highest spatial layer of simulcast and SVC senders to record, counted from 0. Default: the highest there is. */
  highestLayer?: number | undefined;
  /** What was in the room before the recording began. */
  initialState?: RoomState | undefined;
  /** The process that hosts the room and keeps the recording alive by its heartbeats; or `externalHolderId`. */
  holderId: string;
  /** The recording of the same meeting that a process's end cut short. */
  continuesRecordingId?: RecordingId | undefined;
};

/** A recording whose holder has not been heard of for this long is ended. Milliseconds. */
export const holdMs = 15_000;
/** The same for recordings without a hosting process. */
export const externalHoldMs = 5 * 60_000;
/** How long an import may be silent before it counts as dead. Milliseconds. */
export const importHoldMs = 60_000;
const heartbeatMs = 1_000;
const heardEveryMs = 30_000;
/** How long whoever starts a recording waits for the event log. Milliseconds. */
const startWithinMs = 5_000;
/** How long whoever ends one waits for it. Milliseconds. */
const endWithinMs = 5_000;

/**
 * Begins and ends recordings, for every part alike. A recording never stays open for ever: its holder says each second
 * that it lives, and one that falls silent is ended by whichever process notices (`RecordingReaper`), with the reason
 * `process-died`.
 */
@Injectable()
export class RecordingLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #rows: RecordingRows;
  readonly #publisher: EventPublisher;
  readonly #held = new Set<RecordingId>();
  /** Epoch milliseconds. */
  readonly #heardAt = new Map<RecordingId, number>();
  readonly #running = new Set<string>();
  /** Ends on their way to the log. */
  readonly #settling = new Map<RecordingId, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Database) database: Database,
    @Inject(EventPublishers) publishers: EventPublishers,
    @Inject(LOGGER) private readonly logger: Logger,
    /** This process, as a holder. */
    @Inject(HOLDER_ID) readonly holderId: string,
  ) {
    this.#rows = new RecordingRows(database);
    this.#publisher = publishers.create('lifecycle');
  }

  /**
   * Writes the row, then `recording.started`. Held by this process from then on if `holderId` is its own.
   * @throws ProblemError 409 `already-recording`: a room has one recording at a time; EventTooLateError when the log does not
   * take it in time, and nothing has begun then
   */
  async start(options: StartRecording): Promise<RecordingRow> {
    const { roomId, title, highestLayer, initialState, holderId, continuesRecordingId } = options;
    const recordingId = newId();
    const recordedAt = Math.round(monotonicEpochMs());
    const heldUntil = recordedAt + holdMsOf(holderId);
    const row = await this.#rows.insert({
      recordingId,
      roomId,
      title: title ?? null,
      recordedAt,
      holderId,
      heldUntil,
      ...(continuesRecordingId === undefined ? {} : { continuesRecordingId }),
      ...(highestLayer === undefined ? {} : { highestLayer }),
    });
    if (!row) throw new ProblemError(409, 'already-recording', `The room "${roomId}" is being recorded already.`);
    const data = {
      roomId,
      recordedAt,
      ...(title === undefined ? {} : { title }),
      ...(initialState === undefined ? {} : { initialState }),
      ...(continuesRecordingId === undefined ? {} : { continuesRecordingId }),
      ...(highestLayer === undefined ? {} : { highestLayer }),
    };
    try {
      const started = { type: 'rushes.recording.started.v1', atMs: 0, data } as const;
      await this.#publisher.publish(recordingId, started, {
        position: positionOf(recordingId, 'started'),
        withinMs: startWithinMs,
      });
    } catch (error) {
      // Nobody has heard of it: it never was.
      await this.#rows
        .remove(recordingId)
        .catch((err: unknown) =>
          this.logger.error({ err, recordingId }, 'a recording that never began is left behind'),
        );
      throw error;
    }
    if (holderId === this.holderId) this.hold(recordingId);
    this.logger.info({ recordingId, roomId }, 'recording started');
    return row;
  }

  /** Makes this process send the recording's heartbeats until it ends. For a host whose recording was started elsewhere. */
  hold(recordingId: RecordingId): void {
    this.#held.add(recordingId);
  }

  /** Says that the holder lives. @returns false when the recording has ended, or somebody else holds it */
  async heartbeat(recordingId: RecordingId, holderId: string): Promise<boolean> {
    const heldUntil = Math.round(monotonicEpochMs()) + holdMsOf(holderId);
    return (await this.#rows.hold(recordingId, holderId, heldUntil)) !== undefined;
  }

  /**
   * Says that a page of the recording was heard of, which keeps a recording without a hosting process alive. Cheap: asks the
   * database at most every half minute. Errors are logged: whoever calls has better things to do.
   */
  heard(recordingId: RecordingId): void {
    const nowMs = monotonicEpochMs();
    if (nowMs - (this.#heardAt.get(recordingId) ?? 0) < heardEveryMs) return;
    for (const [id, atMs] of this.#heardAt) if (nowMs - atMs >= heardEveryMs) this.#heardAt.delete(id);
    this.#heardAt.set(recordingId, nowMs);
    this.inBackground(`heard ${recordingId}`, async () => void (await this.heartbeat(recordingId, externalHolderId)));
  }

  /**
   * Ends a recording: the row (`processing`, `endedAtMs`), then `recording.ended`. Ending it again changes nothing.
   * @param endedAt epoch milliseconds, by `monotonicEpochMs`; default now
   * @returns the row, or undefined when there is no such recording
   */
  async end(
    recordingId: RecordingId,
    reason: EndReason,
    endedAt = monotonicEpochMs(),
  ): Promise<RecordingRow | undefined> {
    const row = await this.#rows.find(recordingId);
    if (!row) return undefined;
    return (await this.endAt(row, reason, recordingMsAt(row.recordedAt, endedAt))) ?? this.#rows.find(recordingId);
  }

  /** Whether it has begun and not ended. */
  async isRunning(recordingId: RecordingId): Promise<boolean> {
    return (await this.#rows.find(recordingId))?.status === 'recording';
  }

  /**
   * Ends a recording whose holder is known to have lost it, without waiting for its time to run out. One that this process
   * holds, or that is over, is left alone.
   * @returns the row as it is now
   */
  async interrupt(recordingId: RecordingId): Promise<RecordingRow | undefined> {
    const row = await this.#rows.find(recordingId);
    if (row?.status !== 'recording' || row.holderId === this.holderId) return row;
    return (await this.endAt(row, 'process-died', await this.lastKnownMs(row))) ?? this.#rows.find(recordingId);
  }

  /** Interrupts everything that `holderId`, a process that has ended, still holds. */
  async interruptAllOf(holderId: string): Promise<void> {
    for (const { recordingId } of await this.#rows.runningOf(holderId)) await this.interrupt(recordingId);
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => this.inBackground('heartbeat', () => this.beat()), heartbeatMs);
    this.#timer.unref();
  }

  /** A process that ends on purpose ends its rooms. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#held].map((recordingId) => this.end(recordingId, 'room-ended')));
  }

  /** For the reaper: ends a recording whose hold has run out, or says once more that it has ended; an import has failed then. */
  async finishAbandoned(row: RecordingRow): Promise<void> {
    if (row.status !== 'recording') return row.endReason === 'imported' ? this.failImport(row) : this.publishEnd(row);
    // We are late with our own heartbeat (a busy machine), not dead.
    if (this.#held.has(row.recordingId)) return;
    const reason = row.holderId === externalHolderId ? 'everyone-left' : 'process-died';
    this.logger.warn({ holderId: row.holderId, reason }, 'the holder of the recording has gone');
    await this.endAt(row, reason, await this.lastKnownMs(row));
  }

  /** Whoever imported it has died: some of it may be there, and nobody knows the rest. */
  private async failImport({ recordingId }: RecordingRow): Promise<void> {
    await this.#rows.fail(recordingId);
    this.logger.warn({ recordingId }, 'the import of the recording was cut short');
  }

  /** When the holder was last heard of, or the last thing stored, whichever is later. */
  private async lastKnownMs(row: RecordingRow): Promise<number> {
    const heardAtMs = (row.heldUntil ?? row.recordedAt) - holdMsOf(row.holderId) - row.recordedAt;
    return Math.max(0, heardAtMs, await this.#rows.lastStoredMs(row.recordingId));
  }

  private async beat(): Promise<void> {
    if (this.#held.size === 0) return;
    const before = [...this.#held];
    const heldUntil = Math.round(monotonicEpochMs()) + holdMs;
    const ours = new Set(await this.#rows.holdAll(before, this.holderId, heldUntil));
    for (const recordingId of before) if (!ours.has(recordingId)) this.#held.delete(recordingId);
  }

  private async endAt(row: RecordingRow, reason: EndReason, endedAtMs: number): Promise<RecordingRow | undefined> {
    const ended = await this.#rows.end(row.recordingId, reason, endedAtMs);
    this.#held.delete(row.recordingId);
    if (ended) await this.publishEnd(ended);
    return ended;
  }

  /**
   * Resolves when the log has the end, or after a while without: the row says it already, and the event goes out when the log
   * is back. If the process dies before the row is settled, the reaper says it once more: it is the same event.
   */
  private async publishEnd(row: RecordingRow): Promise<void> {
    const { recordingId } = row;
    let settling = this.#settling.get(recordingId);
    if (!settling) {
      settling = this.settle(row)
        .catch((err: unknown) => this.logger.error({ err, recordingId }, 'the end of a recording was not published'))
        .finally(() => this.#settling.delete(recordingId));
      this.#settling.set(recordingId, settling);
    }
    const patience = new AbortController();
    await Promise.race([settling, pause(endWithinMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
  }

  private async settle({ recordingId, endedAtMs, endReason }: RecordingRow): Promise<void> {
    const atMs = endedAtMs ?? 0;
    const reason = endReason ?? 'process-died';
    const ended = { type: 'rushes.recording.ended.v1', atMs, data: { reason } } as const;
    await this.#publisher.publish(recordingId, ended, { position: positionOf(recordingId, 'ended') });
    await this.#rows.settle(recordingId);
    this.logger.info({ recordingId, reason, endedAtMs: atMs }, 'recording ended');
  }

  /** One run of a task at a time: a slow database is not asked again before it has answered. */
  private inBackground(task: string, work: () => Promise<void>): void {
    if (this.#running.has(task)) return;
    this.#running.add(task);
    work()
      .catch((err: unknown) => this.logger.error({ err, task }, 'background task failed'))
      .finally(() => this.#running.delete(task));
  }
}

/** How long the holder of a recording may be silent, milliseconds. */
export function holdMsOf(holderId: string | null): number {
  return holderId === externalHolderId ? externalHoldMs : holdMs;
}

/**
 * Where a recording's start and end stand in the log, whichever process says so: two that both notice a death say the same
 * event, not two.
 */
function positionOf(recordingId: RecordingId, what: 'started' | 'ended'): { source: string; seq: number } {
  return { source: `services/lifecycle/${recordingId}`, seq: what === 'started' ? 0 : 1 };
}
