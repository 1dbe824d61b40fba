import type { Database } from '@rushes/database';
import type { EndReason, RecordingId } from '@rushes/timeline';

export type RecordingStatus = 'recording' | 'processing' | 'ready' | 'failed';

/** A recording in the database. `recordedAt` and `heldUntil` are epoch milliseconds. */
export type RecordingRow = {
  recordingId: RecordingId;
  roomId: string;
  title: string | null;
  status: RecordingStatus;
  recordedAt: number;
  /** On the recording clock; null while it runs. */
  endedAtMs: number | null;
  endReason: EndReason | null;
  holderId: string | null;
  /** Until when the holder counts as alive; null once the end stands in the event log. */
  heldUntil: number | null;
  /** The recording of the same meeting that a process's end cut short, and that this one goes on after. */
  continuesRecordingId: RecordingId | null;
  /** Highest spatial layer of simulcast and SVC senders to record, counted from 0; null: the highest there is. */
  highestLayer: number | null;
};

export type NewRecordingRow = Omit<
  RecordingRow,
  'status' | 'endedAtMs' | 'endReason' | 'continuesRecordingId' | 'highestLayer'
> &
  Partial<Pick<RecordingRow, 'continuesRecordingId' | 'highestLayer'>>;

/** How the lifecycle reads and writes recordings. Every change says on which condition, so that two processes never both make it. */
export class RecordingRows {
  constructor(private readonly database: Database) {}

  /** @returns undefined when the room is already being recorded */
  insert(row: NewRecordingRow): Promise<RecordingRow | undefined> {
    return this.one(
      `INSERT INTO recordings
         ("recordingId", "roomId", "title", "status", "recordedAt", "holderId", "heldUntil", "continuesRecordingId", "highestLayer")
       VALUES ($1, $2, $3, 'recording', $4, $5, $6, $7, $8)
       ON CONFLICT ("roomId") WHERE "status" = 'recording' DO NOTHING RETURNING *`,
      [
        row.recordingId,
        row.roomId,
        row.title,
        row.recordedAt,
        row.holderId,
        row.heldUntil,
        row.continuesRecordingId ?? null,
        row.highestLayer ?? null,
      ],
    );
  }

  find(recordingId: RecordingId): Promise<RecordingRow | undefined> {
    return this.one('SELECT * FROM recordings WHERE "recordingId" = $1', [recordingId]);
  }

  /** Prolongs the hold. @returns undefined when the recording has ended or somebody else holds it */
  hold(recordingId: RecordingId, holderId: string, heldUntil: number): Promise<RecordingRow | undefined> {
    return this.one(
      `UPDATE recordings SET "heldUntil" = $3
       WHERE "recordingId" = $1 AND "holderId" = $2 AND "status" = 'recording' RETURNING *`,
      [recordingId, holderId, heldUntil],
    );
  }

  /** As {@link hold}, for several at once. @returns those that are held */
  async holdAll(recordingIds: readonly RecordingId[], holderId: string, heldUntil: number): Promise<RecordingId[]> {
    const held = await this.many(
      `UPDATE recordings SET "heldUntil" = $3
       WHERE "recordingId" = ANY($1) AND "holderId" = $2 AND "status" = 'recording' RETURNING *`,
      [recordingIds, holderId, heldUntil],
    );
    return held.map(({ recordingId }) => recordingId);
  }

  /** Notes the end. @returns undefined when somebody else already did */
  end(recordingId: RecordingId, reason: EndReason, endedAtMs: number): Promise<RecordingRow | undefined> {
    return this.one(
      `UPDATE recordings SET "status" = 'processing', "endedAtMs" = $2, "endReason" = $3
       WHERE "recordingId" = $1 AND "status" = 'recording' RETURNING *`,
      [recordingId, endedAtMs, reason],
    );
  }

  /** Notes that nobody completes it any more. */
  async fail(recordingId: RecordingId): Promise<void> {
    await this.many(`UPDATE recordings SET "status" = 'failed', "heldUntil" = NULL WHERE "recordingId" = $1`, [
      recordingId,
    ]);
  }

  async remove(recordingId: RecordingId): Promise<void> {
    await this.many('DELETE FROM recordings WHERE "recordingId" = $1', [recordingId]);
  }

  /** Notes that the end stands in the event log. */
  async settle(recordingId: RecordingId): Promise<void> {
    await this.many('UPDATE recordings SET "heldUntil" = NULL WHERE "recordingId" = $1', [recordingId]);
  }

  /** Recordings whose hold ran out before `nowMs`: still running, or ended without the end being in the event log. */
  abandoned(nowMs: number): Promise<RecordingRow[]> {
    return this.many('SELECT * FROM recordings WHERE "heldUntil" < $1', [nowMs]);
  }

  runningOf(holderId: string): Promise<RecordingRow[]> {
    return this.many(`SELECT * FROM recordings WHERE "holderId" = $1 AND "status" = 'recording'`, [holderId]);
  }

  /** Recordings that any holder but `exceptHolderId` still holds. */
  heldByOthers(exceptHolderId: string): Promise<RecordingRow[]> {
    return this.many('SELECT * FROM recordings WHERE "heldUntil" IS NOT NULL AND "holderId" <> $1', [exceptHolderId]);
  }

  /** The latest instant, on the recording clock, of which anything is stored. */
  async lastStoredMs(recordingId: RecordingId): Promise<number> {
    const { rows } = await this.database.pool.query<{ atMs: number | null }>(
      `SELECT GREATEST(
         (SELECT max("endMs") FROM chunks WHERE "recordingId" = $1),
         (SELECT max("lastMs") FROM packet_objects WHERE "recordingId" = $1),
         (SELECT max(("event"::jsonb ->> 'atms')::double precision) FROM event_log WHERE "recordingId" = $1)
       ) AS "atMs"`,
      [recordingId],
    );
    return Math.round(rows[0]?.atMs ?? 0);
  }

  private async one(sql: string, parameters: unknown[]): Promise<RecordingRow | undefined> {
    return (await this.many(sql, parameters))[0];
  }

  private async many(sql: string, parameters: unknown[]): Promise<RecordingRow[]> {
    return (await this.database.pool.query<RecordingRow>(sql, parameters)).rows;
  }
}
