import { PacketObjectEntity, TrackEntity, type Database } from '@rushes/database';
import { importHoldMs, monotonicEpochMs } from '@rushes/platform';
import type { RecordingId } from '@rushes/timeline';

type ImportedRow = {
  recordingId: RecordingId;
  roomId: string;
  title: string | undefined;
  /** Epoch milliseconds. */
  recordedAt: number;
};

/** How an import writes its recording. The row is there from the beginning, so that nothing of one that dies is lost sight of. */
export class ImportRows {
  constructor(private readonly database: Database) {}

  /** A recording that has ended, and whose files are being made. */
  async begin(row: ImportedRow & { holderId: string }): Promise<void> {
    const { recordingId, roomId, title, recordedAt, holderId } = row;
    await this.database.pool.query(
      `INSERT INTO recordings ("recordingId", "roomId", "title", "status", "recordedAt", "endReason", "holderId", "heldUntil")
       VALUES ($1, $2, $3, 'processing', $4, 'imported', $5, $6)`,
      [recordingId, roomId, title ?? null, recordedAt, holderId, holdsUntil()],
    );
  }

  /** Says of a recording that has begun what it is. @returns false when it is gone, or has been taken for dead */
  async describe({ recordingId, roomId, title, recordedAt }: ImportedRow): Promise<boolean> {
    const { rowCount } = await this.database.pool.query(
      `UPDATE recordings SET "roomId" = $2, "title" = $3, "recordedAt" = $4
       WHERE "recordingId" = $1 AND "status" = 'processing' AND "heldUntil" IS NOT NULL`,
      [recordingId, roomId, title ?? null, recordedAt],
    );
    return rowCount !== 0;
  }

  /** Says that the import goes on. @returns false when the recording is gone, or has been taken for dead */
  async hold(recordingId: RecordingId): Promise<boolean> {
    const { rowCount } = await this.database.pool.query(
      `UPDATE recordings SET "heldUntil" = $2
       WHERE "recordingId" = $1 AND "status" = 'processing' AND "heldUntil" IS NOT NULL`,
      [recordingId, holdsUntil()],
    );
    return rowCount !== 0;
  }

  /** Notes that all is stored and said. @returns false when the recording is gone, or has been taken for dead */
  async settle(recordingId: RecordingId): Promise<boolean> {
    const { rowCount } = await this.database.pool.query(
      `UPDATE recordings SET "heldUntil" = NULL
       WHERE "recordingId" = $1 AND "status" = 'processing' AND "heldUntil" IS NOT NULL`,
      [recordingId],
    );
    return rowCount !== 0;
  }

  async addTrack(row: Omit<TrackEntity, 'status' | 'heardAt' | 'packets'>): Promise<void> {
    await this.database.dataSource
      .getRepository(TrackEntity)
      .insert({ ...row, status: row.media ? 'derived' : 'empty', heardAt: null });
  }

  /** Of a track that is there. */
  async addPieces(rows: readonly PacketObjectEntity[]): Promise<void> {
    await this.database.dataSource.getRepository(PacketObjectEntity).insert([...rows]);
  }

  async setLength(recordingId: RecordingId, durationMs: number): Promise<void> {
    await this.database.pool.query('UPDATE recordings SET "endedAtMs" = $2 WHERE "recordingId" = $1', [
      recordingId,
      durationMs,
    ]);
  }
}

/** By the clock of those who judge whether it still lives. Epoch milliseconds. */
function holdsUntil(): number {
  return Math.round(monotonicEpochMs()) + importHoldMs;
}
