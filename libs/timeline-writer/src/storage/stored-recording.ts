import { RecordingEntity, TrackEntity, type Database } from '@rushes/database';
import type { ObjectStore } from '@rushes/object-store';
import { objectKeys, recordingPrefix, type Manifest, type RecordingId } from '@rushes/timeline';

const finalTrackStatus: ReadonlySet<TrackEntity['status']> = new Set(['derived', 'empty', 'failed']);

/** A recording's own row, its tracks' rows and its manifest. */
export class StoredRecording {
  constructor(
    readonly recordingId: RecordingId,
    private readonly database: Database,
    private readonly objectStore: ObjectStore,
  ) {}

  /** null when it was deleted. */
  row(): Promise<RecordingEntity | null> {
    return this.database.dataSource.getRepository(RecordingEntity).findOneBy({ recordingId: this.recordingId });
  }

  tracks(): Promise<TrackEntity[]> {
    return this.database.dataSource.getRepository(TrackEntity).findBy({ recordingId: this.recordingId });
  }

  /** Whether no track's file is still to come. */
  async hasAllTracks(): Promise<boolean> {
    return (await this.tracks()).every((track) => finalTrackStatus.has(track.status));
  }

  async writeManifest(manifest: Manifest): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(manifest));
    await this.objectStore.put(recordingPrefix(this.recordingId) + objectKeys.manifest, bytes, {
      contentType: 'application/json',
    });
  }

  async markReady(): Promise<void> {
    await this.database.dataSource
      .getRepository(RecordingEntity)
      .update({ recordingId: this.recordingId, status: 'processing' }, { status: 'ready' });
  }
}
