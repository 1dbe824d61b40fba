import type { Database } from '@rushes/database';
import type { RecordingId } from '@rushes/timeline';
import { StaleWriterError } from './stale-writer-error.ts';

/**
 * The right to write a recording's timeline. Whoever takes it ends the right of all before: a process that was frozen and goes on
 * finds its rows refused, and the keys of its chunks are its own, so what it still puts replaces nobody's bytes.
 */
export class WriterEpoch {
  private constructor(
    readonly recordingId: RecordingId,
    private readonly database: Database,
    private value: number,
  ) {}

  /** undefined when there is no such recording (any more). */
  static async take(recordingId: RecordingId, database: Database): Promise<WriterEpoch | undefined> {
    const { rows } = await database.pool.query<{ timelineEpoch: number }>(
      `UPDATE recordings SET "timelineEpoch" = "timelineEpoch" + 1 WHERE "recordingId" = $1 RETURNING "timelineEpoch"`,
      [recordingId],
    );
    return rows[0] && new WriterEpoch(recordingId, database, rows[0].timelineEpoch);
  }

  get number(): number {
    return this.value;
  }

  /** After a put that failed: it may still arrive, and must not replace what is written next. @throws StaleWriterError */
  async renew(): Promise<void> {
    const { rows } = await this.database.pool.query<{ timelineEpoch: number }>(
      `UPDATE recordings SET "timelineEpoch" = "timelineEpoch" + 1
       WHERE "recordingId" = $1 AND "timelineEpoch" = $2 RETURNING "timelineEpoch"`,
      [this.recordingId, this.value],
    );
    if (!rows[0]) throw this.stale();
    this.value = rows[0].timelineEpoch;
  }

  /** @throws StaleWriterError */
  async check(): Promise<void> {
    const { rowCount } = await this.database.pool.query(
      `SELECT 1 FROM recordings WHERE "recordingId" = $1 AND "timelineEpoch" = $2`,
      [this.recordingId, this.value],
    );
    if (rowCount === 0) throw this.stale();
  }

  stale(): StaleWriterError {
    return new StaleWriterError(this.recordingId, this.value);
  }
}
