import { PacketObjectEntity, TrackEntity } from '@rushes/database';
import type { TrackStatus, Database } from '@rushes/database';
import type { DerivedTrack, TrackHeader } from '@rushes/media';
import type { Gap, ParticipantId, RecordingId, TrackMedia } from '@rushes/timeline';
import type { SpoolPiece } from '../spool/spool-piece.ts';
import type { RecordedTrack } from './recorded-track.ts';

/** Epoch milliseconds by the database's clock, which all recorders share. */
const nowMs = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** A track whose recorder is silent. `heardAtMs`: when it was last heard, on the recording clock; null: never. */
export type AbandonedTrack = RecordedTrack & {
  participantId: ParticipantId;
  startMs: number;
  heardAtMs: number | null;
  endedAtMs: number | null;
};
export type AbandonedEnd = { status: 'spooled' | 'empty'; endMs: number; gaps: Gap[] };

/** How the recorder reads and writes tracks in the database. */
export class TrackRows {
  constructor(private readonly database: Database) {}

  /**
   * A track that begins, or is come back to after a killed process: then only `heardAt` changes.
   * @returns false when the recording is gone
   */
  async begin(recordingId: RecordingId, header: TrackHeader): Promise<boolean> {
    const { trackId, participantId, media, source, codec, startMs } = header;
    const { rowCount } = await this.database.pool.query(
      `INSERT INTO tracks ("recordingId", "trackId", "participantId", "kind", "source", "codec", "startMs", "status", "heardAt")
       SELECT $1, $2, $3, $4, $5, $6, $7, 'recording', ${nowMs} FROM recordings WHERE "recordingId" = $1
       ON CONFLICT ("recordingId", "trackId") DO UPDATE SET "heardAt" = EXCLUDED."heardAt"`,
      [recordingId, trackId, participantId, media, source, codec, startMs],
    );
    return rowCount !== 0;
  }

  /** Says that this process has the tracks, and will go on with them. */
  async heard(tracks: readonly RecordedTrack[]): Promise<void> {
    await this.database.pool.query(
      `UPDATE tracks SET "heardAt" = ${nowMs} FROM unnest($1::text[], $2::text[]) AS ours("recordingId", "trackId")
       WHERE tracks."recordingId" = ours."recordingId" AND tracks."trackId" = ours."trackId"`,
      [tracks.map(({ recordingId }) => recordingId), tracks.map(({ trackId }) => trackId)],
    );
  }

  /** @returns false when nobody wants it: the recording is gone, or the track's packets were dropped */
  async addObject(piece: SpoolPiece, key: string): Promise<boolean> {
    const { recordingId, trackId, n, sizeBytes, packetCount, firstMs, lastMs } = piece;
    const row = { recordingId, trackId, n, key, sizeBytes, packetCount, firstMs, lastMs };
    const track = await this.find(piece);
    if (track && track.packets !== 'kept') return false;
    // The database may have been away when the track began.
    if (!track && !(await this.begin(recordingId, piece.header))) return false;
    await this.objects.upsert(row, ['recordingId', 'trackId', 'n']);
    return true;
  }

  /** Whether a recorder has the track, and has spoken for it within `silentMs`. */
  async isHeld({ recordingId, trackId }: RecordedTrack, silentMs: number): Promise<boolean> {
    const { rowCount } = await this.database.pool.query(
      `SELECT 1 FROM tracks
       WHERE "recordingId" = $1 AND "trackId" = $2 AND "status" = 'recording' AND "heardAt" >= ${nowMs} - $3::bigint`,
      [recordingId, trackId, silentMs],
    );
    return rowCount !== 0;
  }

  /** Tracks that nobody has spoken for since `silentMs`, and how far their recordings go, on their clocks. */
  async abandoned(silentMs: number): Promise<AbandonedTrack[]> {
    const { rows } = await this.database.pool.query<AbandonedTrack>(
      `SELECT t."recordingId", t."trackId", t."participantId", t."startMs", t."heardAt" - r."recordedAt" AS "heardAtMs", r."endedAtMs"
       FROM tracks t JOIN recordings r USING ("recordingId")
       WHERE t."status" = 'recording' AND coalesce(t."heardAt", r."recordedAt" + r."endedAtMs") < ${nowMs} - $1::bigint
       ORDER BY t."recordingId", t."trackId"`,
      [Math.round(silentMs)],
    );
    return rows;
  }

  /** Notes an abandoned track's end, as `finish` does, unless its recorder has come back. @returns whether it was noted */
  async endAbandoned({ recordingId, trackId }: RecordedTrack, silentMs: number, end: AbandonedEnd): Promise<boolean> {
    const { rowCount } = await this.database.pool.query(
      `UPDATE tracks SET "status" = $3, "endMs" = $4, "gaps" = $5::jsonb
       WHERE "recordingId" = $1 AND "trackId" = $2 AND "status" = 'recording'
         AND ("heardAt" IS NULL OR "heardAt" < ${nowMs} - $6::bigint)`,
      [recordingId, trackId, end.status, end.endMs, JSON.stringify(end.gaps), Math.round(silentMs)],
    );
    return rowCount !== 0;
  }

  /** Everything of the track is in the object store. One whose packets were dropped stays as it is. */
  async finish({ recordingId, trackId }: RecordedTrack, endMs: number): Promise<void> {
    await this.tracks.update({ recordingId, trackId, packets: 'kept' }, { status: 'spooled', endMs });
  }

  find({ recordingId, trackId }: RecordedTrack): Promise<TrackEntity | null> {
    return this.tracks.findOneBy({ recordingId, trackId });
  }

  ofParticipant(recordingId: RecordingId, participantId: ParticipantId): Promise<TrackEntity[]> {
    return this.tracks.find({ where: { recordingId, participantId }, order: { trackId: 'ASC' } });
  }

  ofRecording(recordingId: RecordingId): Promise<TrackEntity[]> {
    return this.tracks.find({ where: { recordingId }, order: { trackId: 'ASC' } });
  }

  withStatus(status: TrackStatus): Promise<TrackEntity[]> {
    return this.tracks.find({ where: { status }, order: { recordingId: 'ASC', trackId: 'ASC' } });
  }

  /** Marks derived tracks as to be derived again. */
  async reopen({ recordingId, trackId }: RecordedTrack): Promise<void> {
    await this.tracks.update({ recordingId, trackId, status: 'derived', packets: 'kept' }, { status: 'spooled' });
  }

  async setDerived(
    { recordingId, trackId }: RecordedTrack,
    media: TrackMedia | null,
    { gaps, sync }: DerivedTrack,
  ): Promise<void> {
    const status = media ? 'derived' : 'empty';
    await this.tracks.update({ recordingId, trackId }, { media, gaps, sync, status });
  }

  async setFailed({ recordingId, trackId }: RecordedTrack): Promise<void> {
    await this.tracks.update({ recordingId, trackId, packets: 'kept' }, { status: 'failed' });
  }

  /** Whether the recording still runs, and its length when it does not. */
  async findRecording(
    recordingId: RecordingId,
  ): Promise<{ isRunning: boolean; endedAtMs: number | null; recordedAt: number }> {
    const { rows } = await this.database.pool.query<{ status: string; endedAtMs: number | null; recordedAt: number }>(
      'SELECT "status", "endedAtMs", "recordedAt" FROM recordings WHERE "recordingId" = $1',
      [recordingId],
    );
    const row = rows[0];
    return {
      isRunning: row?.status === 'recording',
      endedAtMs: row?.endedAtMs ?? null,
      recordedAt: row?.recordedAt ?? 0,
    };
  }

  /** Arrival of the last packet in the object store; 0 without any. */
  async lastStoredMs({ recordingId, trackId }: RecordedTrack): Promise<number> {
    return (await this.objects.maximum('lastMs', { recordingId, trackId })) ?? 0;
  }

  async hasPackets({ recordingId, trackId }: RecordedTrack): Promise<boolean> {
    return this.objects.existsBy({ recordingId, trackId });
  }

  private get tracks() {
    return this.database.dataSource.getRepository(TrackEntity);
  }

  private get objects() {
    return this.database.dataSource.getRepository(PacketObjectEntity);
  }
}
