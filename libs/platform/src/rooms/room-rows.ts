import type { Database } from '@rushes/database';
import type { RecordingId, RoomId } from '@rushes/timeline';

/** A room in the database. */
export type RoomRow = {
  roomId: RoomId;
  /** The process in which it lives. */
  holderId: string;
  /** Where pages reach that process. */
  url: string;
  /** Epoch milliseconds of the room clock's zero; a room that is taken over keeps it. */
  openedAt: number;
  /** The recording that runs in it. */
  recordingId: RecordingId | null;
  /** Its `RoomState` as JSON, as last kept. */
  state: string | null;
};

export type RoomClaim = Pick<RoomRow, 'roomId' | 'holderId' | 'url' | 'openedAt'> & {
  holdMs: number;
  /** Whether a room may be taken from a holder whose time has run out. */
  mayTakeOver: boolean;
};

/** Epoch milliseconds by the database's clock, so that the clocks of two machines need not agree. */
const now = `(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;
/** Holder of a room that was handed back. */
const nobody = '';
const columns = `"roomId", "holderId", "url", "openedAt", "recordingId", "state"`;

/** Who hosts which room. Every change says on which condition, so that two processes never both hold one. */
export class RoomRows {
  constructor(private readonly database: Database) {}

  /** Makes the room ours when nobody holds it. @returns the row as it is now, ours or another's; undefined: ask again */
  async claim({ roomId, holderId, url, openedAt, holdMs, mayTakeOver }: RoomClaim): Promise<RoomRow | undefined> {
    const claimed = await this.many(
      `INSERT INTO rooms ("roomId", "holderId", "url", "openedAt", "heldUntil")
       VALUES ($1, $2, $3, $4, ${now} + $5::bigint)
       ON CONFLICT ("roomId") DO UPDATE
         SET "holderId" = EXCLUDED."holderId", "url" = EXCLUDED."url", "heldUntil" = EXCLUDED."heldUntil"
         WHERE rooms."holderId" IN (EXCLUDED."holderId", '${nobody}')
           OR ($6::boolean AND rooms."heldUntil" < ${now})
       RETURNING ${columns}`,
      [roomId, holderId, url, openedAt, holdMs, mayTakeOver],
    );
    return claimed[0] ?? (await this.find(roomId));
  }

  async find(roomId: RoomId): Promise<RoomRow | undefined> {
    return (await this.many(`SELECT ${columns} FROM rooms WHERE "roomId" = $1`, [roomId]))[0];
  }

  /** The room's row while its holder's time has not run out. */
  async findHeld(roomId: RoomId): Promise<RoomRow | undefined> {
    const sql = `SELECT ${columns} FROM rooms WHERE "roomId" = $1 AND "holderId" <> '${nobody}' AND "heldUntil" >= ${now}`;
    return (await this.many(sql, [roomId]))[0];
  }

  /** Prolongs the hold of everything that `holderId` holds. @returns what that is */
  async refresh(holderId: string, holdMs: number): Promise<RoomId[]> {
    const sql = `UPDATE rooms SET "heldUntil" = ${now} + $2::bigint WHERE "holderId" = $1 RETURNING "roomId"`;
    const { rows } = await this.database.pool.query<{ roomId: RoomId }>(sql, [holderId, holdMs]);
    return rows.map(({ roomId }) => roomId);
  }

  async keepState(roomId: RoomId, holderId: string, state: string): Promise<void> {
    const sql = 'UPDATE rooms SET "state" = $3 WHERE "roomId" = $1 AND "holderId" = $2';
    await this.database.pool.query(sql, [roomId, holderId, state]);
  }

  async keepRecording(roomId: RoomId, holderId: string, recordingId: RecordingId | null): Promise<void> {
    const sql = 'UPDATE rooms SET "recordingId" = $3 WHERE "roomId" = $1 AND "holderId" = $2';
    await this.database.pool.query(sql, [roomId, holderId, recordingId]);
  }

  async remove(roomId: RoomId, holderId: string): Promise<void> {
    await this.database.pool.query('DELETE FROM rooms WHERE "roomId" = $1 AND "holderId" = $2', [roomId, holderId]);
  }

  /** Lets go of everything that `holderId` holds: whoever comes next may have it at once, with what was kept. */
  async handBack(holderId: string): Promise<void> {
    const sql = `UPDATE rooms SET "holderId" = '${nobody}', "heldUntil" = ${now} WHERE "holderId" = $1`;
    await this.database.pool.query(sql, [holderId]);
  }

  /** Rooms to which nobody came back for `forMs`. */
  async removeAbandoned(forMs: number): Promise<void> {
    await this.database.pool.query(`DELETE FROM rooms WHERE "heldUntil" < ${now} - $1::bigint`, [forMs]);
  }

  private async many(sql: string, parameters: unknown[]): Promise<RoomRow[]> {
    return (await this.database.pool.query<RoomRow>(sql, parameters)).rows;
  }
}
