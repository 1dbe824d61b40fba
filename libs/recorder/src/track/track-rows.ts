import { PacketObjectEntity, TrackEntity } from '@rushes/database';
import type { TrackStatus, Database } from '@rushes/database';
import type { DerivedTrack, TrackHeader } from '@rushes/media';
import type { ParticipantId, RecordingId, TrackMedia } from '@rushes/timeline';
import type { SpoolPiece } from '../spool/spool-piece.ts';
import type { RecordedTrack } from './recorded-track.ts';

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

  async addObject(piece: SpoolPiece, key: string): Promise<void> {
    const { recordingId, trackId, n, sizeBytes, packetCount, firstMs, lastMs } = piece;
    const row = { recordingId, trackId, n, key, sizeBytes, packetCount, firstMs, lastMs };
    await this.objects.upsert(row, ['recordingId', 'trackId', 'n']);
  }

  /** Everything of the track is in the object store. */
  async finish({ recordingId, trackId }: RecordedTrack, endMs: number): Promise<void> {
    await this.tracks.update({ recordingId, trackId }, { status: 'spooled', endMs });
  }

  find({ recordingId, trackId }: RecordedTrack): Promise<TrackEntity | null> {
    return this.tracks.findOneBy({ recordingId, trackId });
  }

  ofParticipant(recordingId: RecordingId, participantId: ParticipantId): Promise<TrackEntity[]> {
    return this.tracks.find({ where: { recordingId, participantId }, order: { trackId: 'ASC' } });
  }

  withStatus(status: TrackStatus): Promise<TrackEntity[]> {
    return this.tracks.find({ where: { status }, order: { recordingId: 'ASC', trackId: 'ASC' } });
  }

  /** Marks derived tracks as to be derived again. */
  async reopen({ recordingId, trackId }: RecordedTrack): Promise<void> {
    await this.tracks.update({ recordingId, trackId, status: 'derived' }, { status: 'spooled' });
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
    await this.tracks.update({ recordingId, trackId }, { status: 'failed' });
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

  private get tracks() {
    return this.database.dataSource.getRepository(TrackEntity);
  }

  private get objects() {
    return this.database.dataSource.getRepository(PacketObjectEntity);
  }
}
