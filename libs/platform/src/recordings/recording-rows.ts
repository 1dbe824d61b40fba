import type { Database } from '@rushes/database';
import type { EndReason, RecordingId } from '@rushes/timeline';

export type RecordingStatus = 'recording' | 'processing' | 'ready' | 'failed';

/** A recording in the database. Times ending in `At` and `heldUntil` are epoch milliseconds. */
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
  /** Until when the holder counts as alive; null once the end has been published. */
  heldUntil: number | null;
};

/** How the lifecycle reads and writes recordings. */
export class RecordingRows {
  constructor(private readonly database: Database) {}

  async insert(row: Omit<RecordingRow, 'status' | 'endedAtMs' | 'endReason'>): Promise<RecordingRow> {
    const rows = await this.query(
      `INSERT INTO recordings ("recordingId", "roomId", "title", "status", "recordedAt", "holderId", "heldUntil")
       VALUES ($1, $2, $3, 'recording', $4, $5, $6) RETURNING *`,
      [row.recordingId, row.roomId, row.title, row.recordedAt, row.holderId, row.heldUntil],
    );
    return rows[0]!;
  }

  async find(recordingId: RecordingId): Promise<RecordingRow | undefined> {
    return (await this.query('SELECT * FROM recordings WHERE "recordingId" = $1', [recordingId]))[0];
  }

  /** Prolongs the hold. @returns false when the recording has ended or somebody else holds it */
  async hold(recordingId: RecordingId, holderId: string, heldUntil: number): Promise<boolean> {
    const rows = await this.change(
      `UPDATE recordings SET "heldUntil" = $3 WHERE "recordingId" = $1 AND "holderId" = $2 AND "status" = 'recording' RETURNING *`,
      [recordingId, holderId, heldUntil],
    );
    return rows.length > 0;
  }

  /** Notes the end. @returns undefined when somebody else already did */
  async end(recordingId: RecordingId, reason: EndReason, endedAtMs: number): Promise<RecordingRow | undefined> {
    const rows = await this.change(
      `UPDATE recordings SET "status" = 'processing', "endedAtMs" = $2, "endReason" = $3
       WHERE "recordingId" = $1 AND "status" = 'recording' RETURNING *`,
      [recordingId, endedAtMs, reason],
    );
    return rows[0];
  }

  /** Notes that the end stands in the event log. */
  async settle(recordingId: RecordingId): Promise<void> {
    await this.change('UPDATE recordings SET "heldUntil" = NULL WHERE "recordingId" = $1 RETURNING *', [recordingId]);
  }

  /** Recordings whose hold ran out before `nowMs`: still running, or ended without the end having been published. */
  abandoned(nowMs: number): Promise<RecordingRow[]> {
    return this.query('SELECT * FROM recordings WHERE "heldUntil" < $1', [nowMs]);
  }

  /** TypeORM answers an UPDATE with its rows and their number. */
  private async change(sql: string, parameters: unknown[]): Promise<RecordingRow[]> {
    const [rows]: [RecordingRow[], number] = await this.database.dataSource.query(sql, parameters);
    return rows;
  }

  private async query(sql: string, parameters: unknown[]): Promise<RecordingRow[]> {
    return this.database.dataSource.query(sql, parameters);
  }
}
