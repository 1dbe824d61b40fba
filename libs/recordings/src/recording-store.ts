import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@rushes/database';
import type { RecordingId, RoomId } from '@rushes/timeline';
import type { RecordingRow } from '@rushes/platform';
import type { PageCursor } from './page-cursor.ts';

export type PageQuery = {
  recordingId?: RecordingId | undefined;
  roomId?: RoomId | undefined;
  status?: RecordingRow['status'] | undefined;
  /** Epoch milliseconds, included. */
  recordedFrom?: number | undefined;
  /** Epoch milliseconds, excluded. */
  recordedBefore?: number | undefined;
  after?: PageCursor | undefined;
  limit: number;
};

/** Reads recordings from the database, and removes their rows. */
@Injectable()
export class RecordingStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async find(recordingId: RecordingId): Promise<RecordingRow | undefined> {
    const { rows } = await this.database.pool.query<RecordingRow>('SELECT * FROM recordings WHERE "recordingId" = $1', [
      recordingId,
    ]);
    return rows[0];
  }

  /** Up to `limit` recordings, the newest first; those started in the same millisecond by id, descending. */
  async page({
    recordingId,
    roomId,
    status,
    recordedFrom,
    recordedBefore,
    after,
    limit,
  }: PageQuery): Promise<RecordingRow[]> {
    const { rows } = await this.database.pool.query<RecordingRow>(
      `SELECT * FROM recordings
       WHERE ($1::text IS NULL OR "recordingId" = $1)
         AND ($2::text IS NULL OR "roomId" = $2)
         AND ($3::text IS NULL OR "status" = $3)
         AND ($4::bigint IS NULL OR "recordedAt" >= $4)
         AND ($5::bigint IS NULL OR "recordedAt" < $5)
         AND ($6::bigint IS NULL OR ("recordedAt", "recordingId") < ($6, $7::text))
       ORDER BY "recordedAt" DESC, "recordingId" DESC LIMIT $8`,
      [recordingId, roomId, status, recordedFrom, recordedBefore, after?.recordedAt, after?.recordingId, limit],
    );
    return rows;
  }

  /** Removes a recording's rows, also those of its tracks, chunks, exports and, if the event log is embedded, events. */
  async remove(recordingId: RecordingId): Promise<void> {
    await this.database.pool.query('DELETE FROM event_log WHERE "recordingId" = $1', [recordingId]);
    await this.database.pool.query('DELETE FROM recordings WHERE "recordingId" = $1', [recordingId]);
  }
}
