import { RecordingEntity, TrackEntity, type Database } from '@rushes/database';
import { ObjectStoreError, type ObjectStore } from '@rushes/object-store';
import { objectKeys, recordingPrefix, type Manifest, type RecordingId } from '@rushes/timeline';
import type { WriterEpoch } from './writer-epoch.ts';

const finalTrackStatus: ReadonlySet<TrackEntity['status']> = new Set(['derived', 'empty', 'failed']);

/** A predecessor has one put under way at most; its own that was thought lost may be another. */
const mostAttempts = 4;

/** A recording's own row, its tracks' rows and its manifest. */
export class StoredRecording {
  /** Of the manifest as it lies in the store; undefined when it is not known. */
  #manifestEtag: string | undefined;

  constructor(
    private readonly epoch: WriterEpoch,
    private readonly database: Database,
    private readonly objectStore: ObjectStore,
  ) {}

  get recordingId(): RecordingId {
    return this.epoch.recordingId;
  }

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

  /**
   * Takes the place of the manifest that this writer has written or found, never of one that somebody has put since.
   * @throws StaleWriterError
   */
  async writeManifest(manifest: Manifest): Promise<void> {
    const key = recordingPrefix(this.recordingId) + objectKeys.manifest;
    const bytes = new TextEncoder().encode(JSON.stringify(manifest));
    const options = { contentType: 'application/json' };
    for (let attempt = 1; ; attempt += 1) {
      this.#manifestEtag ??= (await this.objectStore.head(key))?.etag;
      // After the etag was read: who finds the epoch its own then has seen all that its predecessors could replace.
      await this.epoch.check();
      try {
        this.#manifestEtag = (await this.objectStore.replace(key, bytes, this.#manifestEtag, options)).etag;
        return;
      } catch (error) {
        this.#manifestEtag = undefined;
        const isChanged = error instanceof ObjectStoreError && error.code === 'object-changed';
        if (!isChanged || attempt === mostAttempts) throw error;
      }
    }
  }

  /** @throws StaleWriterError */
  async markReady(): Promise<void> {
    await this.epoch.check();
    await this.database.pool.query(
      `UPDATE recordings SET "status" = 'ready'
       WHERE "recordingId" = $1 AND "status" = 'processing' AND "timelineEpoch" = $2`,
      [this.recordingId, this.epoch.number],
    );
  }
}
