import type { Database } from '@rushes/database';
import type { RoomId } from '@rushes/timeline';

/** Who hosts which room. `heldUntil` and `nowMs` are epoch milliseconds. */
export class RoomRows {
  constructor(private readonly database: Database) {}

  async put(roomId: RoomId, holderId: string, heldUntil: number): Promise<void> {
    await this.database.pool.query(
      `INSERT INTO rooms ("roomId", "holderId", "heldUntil") VALUES ($1, $2, $3)
       ON CONFLICT ("roomId") DO UPDATE SET "holderId" = EXCLUDED."holderId", "heldUntil" = EXCLUDED."heldUntil"`,
      [roomId, holderId, Math.round(heldUntil)],
    );
  }

  async holderOf(roomId: RoomId, nowMs: number): Promise<string | undefined> {
    const { rows } = await this.database.pool.query<{ holderId: string }>(
      'SELECT "holderId" FROM rooms WHERE "roomId" = $1 AND "heldUntil" > $2',
      [roomId, Math.round(nowMs)],
    );
    return rows[0]?.holderId;
  }

  async refresh(holderId: string, heldUntil: number): Promise<void> {
    await this.database.pool.query('UPDATE rooms SET "heldUntil" = $2 WHERE "holderId" = $1', [
      holderId,
      Math.round(heldUntil),
    ]);
  }

  async remove(roomId: RoomId, holderId: string): Promise<void> {
    await this.database.pool.query('DELETE FROM rooms WHERE "roomId" = $1 AND "holderId" = $2', [roomId, holderId]);
  }

  async removeAll(holderId: string): Promise<void> {
    await this.database.pool.query('DELETE FROM rooms WHERE "holderId" = $1', [holderId]);
  }

  /** Rooms of processes that are gone. */
  async removeAbandoned(nowMs: number): Promise<void> {
    await this.database.pool.query('DELETE FROM rooms WHERE "heldUntil" < $1', [Math.round(nowMs)]);
  }
}
