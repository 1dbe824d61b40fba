import { Inject, Injectable } from '@nestjs/common';
import { Database, inTransaction } from '@rushes/database';
import type { ExportId, Manifest, RecordingId } from '@rushes/timeline';
import type { Transaction } from './export-queue.ts';
import type { Export } from './schemas.ts';

type Row = Omit<Export, 'createdAt' | 'updatedAt'> & { createdAt: Date; updatedAt: Date };
export type ExportError = { code: string; message: string };

/** The exports' rows. A change applies only from the states that allow it, so that a cancelled export stays cancelled. */
@Injectable()
export class ExportStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async recordingStatus(recordingId: RecordingId): Promise<Manifest['status'] | undefined> {
    const { rows } = await this.database.pool.query<{ status: Manifest['status'] }>(
      'SELECT "status" FROM recordings WHERE "recordingId" = $1',
      [recordingId],
    );
    return rows[0]?.status;
  }

  /** Writes the row together with what `andThen` does in the same transaction: both or neither. */
  async insert(
    { exportId, recordingId, request }: { exportId: ExportId; recordingId: RecordingId; request: object },
    andThen: (client: Transaction) => Promise<void>,
  ): Promise<Export> {
    return inTransaction(this.database.pool, async (client) => {
      const { rows } = await client.query<Row>(
        `INSERT INTO exports ("exportId", "recordingId", "status", "request") VALUES ($1, $2, 'queued', $3) RETURNING *`,
        [exportId, recordingId, JSON.stringify(request)],
      );
      await andThen(client);
      return toExport(rows[0]!);
    });
  }

  find(exportId: ExportId): Promise<Export | undefined> {
    return this.one('SELECT * FROM exports WHERE "exportId" = $1', [exportId]);
  }

  /** The newest first, at most 100. */
  async list(recordingId: RecordingId): Promise<Export[]> {
    const { rows } = await this.database.pool.query<Row>(
      'SELECT * FROM exports WHERE "recordingId" = $1 ORDER BY "createdAt" DESC, "exportId" DESC LIMIT 100',
      [recordingId],
    );
    return rows.map(toExport);
  }

  /** @returns undefined when it is not waiting or (after a crash) running. */
  start(exportId: ExportId): Promise<Export | undefined> {
    return this.one(
      `UPDATE exports SET "status" = 'running', "updatedAt" = now() WHERE "exportId" = $1 AND "status" IN ('queued', 'running') RETURNING *`,
      [exportId],
    );
  }

  /** @returns whether the export still runs: false after somebody cancelled it. Progress never falls. */
  async progress(exportId: ExportId, progress: number): Promise<boolean> {
    const { rowCount } = await this.database.pool.query(
      `UPDATE exports SET "progress" = greatest("progress", $2), "updatedAt" = now() WHERE "exportId" = $1 AND "status" = 'running'`,
      [exportId, progress],
    );
    return rowCount === 1;
  }

  finish(exportId: ExportId, result: object): Promise<Export | undefined> {
    return this.one(
      `UPDATE exports SET "status" = 'done', "progress" = 1, "result" = $2, "updatedAt" = now() WHERE "exportId" = $1 AND "status" = 'running' RETURNING *`,
      [exportId, JSON.stringify(result)],
    );
  }

  fail(exportId: ExportId, error: ExportError): Promise<Export | undefined> {
    return this.one(
      `UPDATE exports SET "status" = 'failed', "error" = $2, "updatedAt" = now() WHERE "exportId" = $1 AND "status" IN ('queued', 'running') RETURNING *`,
      [exportId, JSON.stringify(error)],
    );
  }

  /** @returns undefined when it is neither waiting nor running. */
  cancel(exportId: ExportId): Promise<Export | undefined> {
    return this.one(
      `UPDATE exports SET "status" = 'cancelled', "updatedAt" = now() WHERE "exportId" = $1 AND "status" IN ('queued', 'running') RETURNING *`,
      [exportId],
    );
  }

  private async one(sql: string, values: unknown[]): Promise<Export | undefined> {
    const { rows } = await this.database.pool.query<Row>(sql, values);
    return rows[0] && toExport(rows[0]);
  }
}

function toExport(row: Row): Export {
  return { ...row, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
}
