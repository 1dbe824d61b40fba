import { inTransaction } from '@rushes/database';
import type { Database } from '@rushes/database';
import type { ParticipantId, RecordingId, TrackId } from '@rushes/timeline';

/** A participant's tracks in one recording: they share a clock, so their packets go together. */
export type ParticipantTracks = { recordingId: RecordingId; participantId: ParticipantId };

/** Epoch milliseconds by the database's clock, which all recorders share. */
const nowMs = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** Recordings that are ready, and whose participants' tracks all have a file, or nothing of them ever came. */
const isDue = `r."status" = 'ready' AND t."packets" = 'kept' AND t."status" = 'derived'
  AND NOT EXISTS (
    SELECT FROM tracks o WHERE o."recordingId" = t."recordingId" AND o."participantId" = t."participantId"
      AND (o."status" NOT IN ('derived', 'empty')
        OR (o."status" = 'empty' AND EXISTS (
          SELECT FROM packet_objects e WHERE e."recordingId" = o."recordingId" AND e."trackId" = o."trackId"))
        OR ($1 AND o."gaps" @> '[{"reason": "recorder-down"}]')))`;

/** How raw packets are found that may go, and marked before they do. */
export class PacketRows {
  constructor(private readonly database: Database) {}

  /**
   * Whose packets may go, or have begun to.
   * @param keepMs how long after the recording's end they stay; undefined: only until files are there, but not while part of a track
   * may still lie on a recorder that is down
   */
  async due(keepMs: number | undefined): Promise<ParticipantTracks[]> {
    const { rows } = await this.database.pool.query<ParticipantTracks>(
      `SELECT DISTINCT t."recordingId", t."participantId" FROM tracks t JOIN recordings r USING ("recordingId")
       WHERE t."packets" <> 'dropped'
         AND (t."packets" = 'dropping' OR (${isDue} AND r."recordedAt" + r."endedAtMs" <= ${nowMs} - $2::bigint
           AND EXISTS (SELECT FROM packet_objects p WHERE p."recordingId" = t."recordingId" AND p."trackId" = t."trackId")))
       ORDER BY 1, 2`,
      [keepMs === undefined, Math.round(keepMs ?? 0)],
    );
    return rows;
  }

  /** The participant's tracks that have packets and a file. */
  async kept({ recordingId, participantId }: ParticipantTracks, keepMs: number | undefined): Promise<TrackId[]> {
    const { rows } = await this.database.pool.query<{ trackId: TrackId }>(
      `SELECT t."trackId" FROM tracks t JOIN recordings r USING ("recordingId")
       WHERE t."recordingId" = $2 AND t."participantId" = $3 AND ${isDue}
         AND EXISTS (SELECT FROM packet_objects p WHERE p."recordingId" = t."recordingId" AND p."trackId" = t."trackId")
       ORDER BY 1`,
      [keepMs === undefined, recordingId, participantId],
    );
    return rows.map(({ trackId }) => trackId);
  }

  /** Says of all of these tracks, or of none, that their packets may be gone. @returns false when one is being derived again */
  async mark({ recordingId, participantId }: ParticipantTracks, trackIds: readonly TrackId[]): Promise<boolean> {
    return inTransaction(this.database.pool, async (client) => {
      const { rows } = await client.query<{ trackId: TrackId; status: string }>(
        `SELECT "trackId", "status" FROM tracks WHERE "recordingId" = $1 AND "participantId" = $2 FOR UPDATE`,
        [recordingId, participantId],
      );
      const settled = new Map(rows.map(({ trackId, status }) => [trackId, status === 'derived']));
      if (!trackIds.every((trackId) => settled.get(trackId))) return false;
      await client.query(
        `UPDATE tracks SET "packets" = 'dropping' WHERE "recordingId" = $1 AND "trackId" = ANY($2) AND "packets" = 'kept'`,
        [recordingId, trackIds],
      );
      return true;
    });
  }

  async dropping({ recordingId, participantId }: ParticipantTracks): Promise<TrackId[]> {
    const { rows } = await this.database.pool.query<{ trackId: TrackId }>(
      `SELECT "trackId" FROM tracks
       WHERE "recordingId" = $1 AND "participantId" = $2 AND "packets" = 'dropping' ORDER BY 1`,
      [recordingId, participantId],
    );
    return rows.map(({ trackId }) => trackId);
  }

  /** The track's objects are gone. */
  async setDropped(recordingId: RecordingId, trackId: TrackId): Promise<void> {
    await inTransaction(this.database.pool, async (client) => {
      const track = [recordingId, trackId];
      await client.query(`DELETE FROM packet_objects WHERE "recordingId" = $1 AND "trackId" = $2`, track);
      await client.query(`UPDATE tracks SET "packets" = 'dropped' WHERE "recordingId" = $1 AND "trackId" = $2`, track);
    });
  }
}
