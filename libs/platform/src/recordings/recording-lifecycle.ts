import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@rushes/database';
import type { EndReason, RecordingId, RoomId, RoomState } from '@rushes/timeline';
import { monotonicEpochMs, recordingNowMs } from '../clock/recording-clock.ts';
import { ProblemError } from '../errors/problem-error.ts';
import type { EventPublisher } from '../events/event-publisher.ts';
import { EventPublishers } from '../events/event-publishers.ts';
import { newId } from '../ids/new-id.ts';
import { LOGGER, type Logger } from '../logging/logger.ts';
import { runWithContext } from '../logging/work-context.ts';
import { externalHolderId, HOLDER_ID } from './holder-id.ts';
import { RecordingRows, type RecordingRow } from './recording-rows.ts';

export type StartRecording = {
  roomId: RoomId;
  title?: string | undefined;
  /** What was in the room before the recording began. */
  initialState?: RoomState | undefined;
  /** The process that hosts the room and keeps the recording alive by its heartbeats; or `externalHolderId`. */
  holderId: string;
};

/** A recording whose holder has not been heard of for this long is ended. Milliseconds. */
export const holdMs = 15_000;
/** The same for recordings without a hosting process. */
export const externalHoldMs = 5 * 60_000;
const heartbeatMs = 1_000;
const reapMs = 5_000;
const heardEveryMs = 30_000;

/**
 * Begins and ends recordings, for every part alike. A recording never stays open for ever: its holder says each second
 * that it lives, and one that falls silent is ended by whichever process notices, with the reason `process-died`.
 */
@Injectable()
export class RecordingLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #rows: RecordingRows;
  readonly #publisher: EventPublisher;
  readonly #held = new Set<RecordingId>();
  /** Epoch milliseconds. */
  readonly #heardAt = new Map<RecordingId, number>();
  readonly #running = new Set<string>();
  #timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(Database) private readonly database: Database,
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
   * @throws ProblemError 409 `already-recording`: a room has one recording at a time
   */
  async start({ roomId, title, initialState, holderId }: StartRecording): Promise<RecordingRow> {
    const recordingId = newId();
    const recordedAt = Math.round(monotonicEpochMs());
    const heldUntil = recordedAt + holdMsOf(holderId);
    const row = await this.#rows.insert({ recordingId, roomId, title: title ?? null, recordedAt, holderId, heldUntil });
    if (!row) throw new ProblemError(409, 'already-recording', `The room "${roomId}" is being recorded already.`);
    const data = {
      roomId,
      recordedAt,
      ...(title === undefined ? {} : { title }),
      ...(initialState === undefined ? {} : { initialState }),
    };
    try {
      await this.#publisher.publish(recordingId, { type: 'rushes.recording.started.v1', atMs: 0, data });
    } catch (error) {
      // Nobody has heard of it: it never was.
      await this.#rows.remove(recordingId);
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
   * Ends a recording now: the row (`processing`, `endedAtMs`), then `recording.ended`. Ending it again changes nothing.
   * @returns the row, or undefined when there is no such recording
   */
  async end(recordingId: RecordingId, reason: EndReason): Promise<RecordingRow | undefined> {
    const row = await this.#rows.find(recordingId);
    if (!row) return undefined;
    return (await this.endAt(row, reason, recordingNowMs(row.recordedAt))) ?? this.#rows.find(recordingId);
  }

  async onApplicationBootstrap(): Promise<void> {
    // An embedded database belongs to one process: what another one holds was left behind by its death.
    if (this.database.isEmbedded) await this.finish(await this.#rows.heldByOthers(this.holderId));
    await this.reap();
    this.#timers = [
      setInterval(() => this.inBackground('heartbeat', () => this.beat()), heartbeatMs),
      setInterval(() => this.inBackground('reaper', () => this.reap()), reapMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** A process that ends on purpose ends its rooms. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([...this.#held].map((recordingId) => this.end(recordingId, 'room-ended')));
  }

  /** Finishes every recording whose hold has run out. */
  private async reap(): Promise<void> {
    await this.finish(await this.#rows.abandoned(Math.round(monotonicEpochMs())));
  }

  private async finish(abandoned: readonly RecordingRow[]): Promise<void> {
    for (const row of abandoned) {
      await runWithContext({ recordingId: row.recordingId }, async () => {
        if (row.status !== 'recording') return this.publishEnd(row);
        // We are late with our own heartbeat (a busy machine), not dead.
        if (this.#held.has(row.recordingId)) return;
        // A page that captures lives on without us; it is given its time.
        if (row.holderId === externalHolderId && (row.heldUntil ?? 0) > monotonicEpochMs()) return;
        const reason = row.holderId === externalHolderId ? 'everyone-left' : 'process-died';
        this.logger.warn({ holderId: row.holderId, reason }, 'the holder of the recording has gone');
        await this.endAt(row, reason, await this.lastKnownMs(row));
      });
    }
  }

  /** When the holder was last heard of, or the last thing stored, whichever is later. */
  private async lastKnownMs(row: RecordingRow): Promise<number> {
    const heardAtMs = (row.heldUntil ?? row.recordedAt) - holdMsOf(row.holderId) - row.recordedAt;
    return Math.max(0, heardAtMs, await this.#rows.lastStoredMs(row.recordingId));
  }

  private async beat(): Promise<void> {
    for (const recordingId of this.#held) {
      if (!(await this.heartbeat(recordingId, this.holderId))) this.#held.delete(recordingId);
    }
  }

  private async endAt(row: RecordingRow, reason: EndReason, endedAtMs: number): Promise<RecordingRow | undefined> {
    const ended = await this.#rows.end(row.recordingId, reason, endedAtMs);
    this.#held.delete(row.recordingId);
    if (ended) await this.publishEnd(ended);
    return ended;
  }

  /** If the process dies before the row is settled, the reaper says it once more: consumers take it as one. */
  private async publishEnd({ recordingId, endedAtMs, endReason }: RecordingRow): Promise<void> {
    const atMs = endedAtMs ?? 0;
    const reason = endReason ?? 'process-died';
    await this.#publisher.publish(recordingId, { type: 'rushes.recording.ended.v1', atMs, data: { reason } });
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

function holdMsOf(holderId: string | null): number {
  return holderId === externalHolderId ? externalHoldMs : holdMs;
}
