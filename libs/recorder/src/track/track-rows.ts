import { PacketObjectEntity, TrackEntity } from '@rushes/database';
import type { TrackStatus, Database } from '@rushes/database';
import type { DerivedTrack, TrackHeader } from '@rushes/media';
import type { ParticipantId, RecordingId, TrackId, TrackMedia } from '@rushes/timeline';
import type { SpoolPiece } from '../spool/spool-piece.ts';

/** How the recorder reads and writes tracks in the database. */
export class TrackRows {
  constructor(private readonly database: Database) {}

  /** A track that begins; again after a killed process, it changes nothing. */
  async begin(recordingId: RecordingId, header: TrackHeader): Promise<void> {
    const { trackId, participantId, media: kind, source, codec, startMs } = header;
    await this.tracks
      .createQueryBuilder()
      .insert()
      .values({ trackId, recordingId, participantId, kind, source, codec, startMs, status: 'recording' })
      .orIgnore()
      .execute();
  }

  async addObject({ trackId, n, sizeBytes, packetCount, firstMs, lastMs }: SpoolPiece, key: string): Promise<void> {
    const row = { trackId, n, key, sizeBytes, packetCount, firstMs, lastMs };
    await this.database.dataSource.getRepository(PacketObjectEntity).upsert(row, ['trackId', 'n']);
  }

  /** Everything of the track is in the object store. */
  async finish(trackId: TrackId, endMs: number): Promise<void> {
    await this.tracks.update({ trackId }, { status: 'spooled', endMs });
  }

  find(trackId: TrackId): Promise<TrackEntity | null> {
    return this.tracks.findOneBy({ trackId });
  }

  ofParticipant(recordingId: RecordingId, participantId: ParticipantId): Promise<TrackEntity[]> {
    return this.tracks.find({ where: { recordingId, participantId }, order: { trackId: 'ASC' } });
  }

  withStatus(status: TrackStatus): Promise<TrackEntity[]> {
    return this.tracks.find({ where: { status }, order: { trackId: 'ASC' } });
  }

  /** Marks derived tracks as to be derived again. */
  async reopen(trackId: TrackId): Promise<void> {
    await this.tracks.update({ trackId, status: 'derived' }, { status: 'spooled' });
  }

  async setDerived(trackId: TrackId, media: TrackMedia | null, { gaps, sync }: DerivedTrack): Promise<void> {
    const status = media ? 'derived' : 'empty';
    await this.tracks.update({ trackId }, { media: media, gaps: gaps, sync: sync, status });
  }

  async setFailed(trackId: TrackId): Promise<void> {
    await this.tracks.update({ trackId }, { status: 'failed' });
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
  async lastStoredMs(trackId: TrackId): Promise<number> {
    const objects = this.database.dataSource.getRepository(PacketObjectEntity);
    return (await objects.maximum('lastMs', { trackId })) ?? 0;
  }

  private get tracks() {
    return this.database.dataSource.getRepository(TrackEntity);
  }
}
