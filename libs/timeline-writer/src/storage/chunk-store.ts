import { In } from 'typeorm';
import { ChunkEntity, type Database } from '@rushes/database';
import type { ObjectStore } from '@rushes/object-store';
import {
  decodeChunk,
  encodeChunk,
  epochOfChunk,
  objectKeys,
  recordingPrefix,
  type Chunk,
  type RecordingId,
  type SeqRangesBySource,
} from '@rushes/timeline';
import type { WriterEpoch } from './writer-epoch.ts';

/** A chunk that says which log records it holds. */
export type WrittenChunk = Chunk & { seqRanges: SeqRangesBySource };
/** What the index knows of a stored chunk. */
export type ChunkRow = Omit<ChunkEntity, never>;

/**
 * One recording's chunks: objects, and their index rows. Bytes first, then the row.
 *
 * The rows say which objects count. A writer writes a chunk again under the same key, which carries its epoch; the next writer's
 * has another, and takes the place of the first in the index. An object may hold more than its row says (its writer died, or
 * was frozen, in between): whoever reads it goes by the `seqRanges` in it.
 */
export class ChunkStore {
  readonly #prefix: string;

  constructor(
    private readonly epoch: WriterEpoch,
    private readonly objectStore: ObjectStore,
    private readonly database: Database,
  ) {
    this.#prefix = recordingPrefix(epoch.recordingId);
  }

  get recordingId(): RecordingId {
    return this.epoch.recordingId;
  }

  /** Every row, oldest first. */
  async indexed(): Promise<ChunkRow[]> {
    const rows = await this.database.dataSource.getRepository(ChunkEntity).findBy({ recordingId: this.recordingId });
    return rows.sort((a, b) => a.startMs - b.startMs);
  }

  /** The rows of the events' chunks that begin at these instants, oldest first. */
  async rowsOfEvents(startsMs: readonly number[]): Promise<ChunkRow[]> {
    const rows = await this.database.dataSource
      .getRepository(ChunkEntity)
      .findBy({ recordingId: this.recordingId, stream: 'events', startMs: In([...startsMs]) });
    return rows.sort((a, b) => a.startMs - b.startMs);
  }

  async read(key: string): Promise<WrittenChunk> {
    const chunk = decodeChunk(await this.objectStore.read(this.#prefix + key));
    return { ...chunk, seqRanges: chunk.seqRanges ?? {} };
  }

  /**
   * Stores the chunk, then its row, which replaces that of the same stream and start.
   * @throws StaleWriterError when somebody else writes by now; no row is changed then
   */
  async write(chunk: WrittenChunk): Promise<ChunkRow> {
    const key = this.#keyOf(chunk);
    const bytes = encodeChunk(chunk);
    const object = await this.objectStore.put(this.#prefix + key, bytes, { contentType: 'application/x-ndjson+gzip' });
    const row: ChunkRow = {
      recordingId: this.recordingId,
      key,
      stream: chunk.kind,
      surface: chunk.kind === 'dom' ? chunk.surface : '',
      startMs: chunk.startMs,
      endMs: chunk.endMs,
      sizeBytes: object.sizeBytes,
      eventCount: chunk.events.length,
      seqRanges: chunk.seqRanges,
    };
    await this.#index(row);
    return row;
  }

  /** Deletes what writers before this one have left and no row refers to. */
  async deleteUnindexed(): Promise<void> {
    const kept = new Set((await this.indexed()).map((row) => row.key));
    const unindexed: string[] = [];
    for (const folder of ['timeline/events/', 'timeline/dom/']) {
      for await (const object of this.objectStore.list(this.#prefix + folder)) {
        const key = object.key.slice(this.#prefix.length);
        // A later writer's may be about to get its row.
        if (!kept.has(key) && (epochOfChunk(key) ?? Infinity) < this.epoch.number) unindexed.push(object.key);
      }
    }
    await this.objectStore.delete(unindexed);
  }

  #keyOf(chunk: WrittenChunk): string {
    const { number } = this.epoch;
    return chunk.kind === 'dom'
      ? objectKeys.domChunk(chunk.surface, chunk.startMs, number)
      : objectKeys.eventsChunk(chunk.startMs, number);
  }

  /** In one statement: whoever takes the epoch waits for it, or it finds that somebody has. */
  async #index(row: ChunkRow): Promise<void> {
    const { recordingId, key, stream, surface, startMs, endMs, sizeBytes, eventCount, seqRanges } = row;
    const { rowCount } = await this.database.pool.query(
      `WITH writer AS (
         SELECT 1 FROM recordings WHERE "recordingId" = $1::text AND "timelineEpoch" = $2::int FOR SHARE
       ), replaced AS (
         DELETE FROM chunks
         WHERE "recordingId" = $1::text AND "stream" = $4::text AND "surface" = $5::text AND "startMs" = $6::int AND "key" <> $3::text
           AND EXISTS (SELECT FROM writer)
       )
       INSERT INTO chunks
         ("recordingId", "key", "stream", "surface", "startMs", "endMs", "sizeBytes", "eventCount", "seqRanges")
       SELECT $1::text, $3::text, $4::text, $5::text, $6::int, $7::int, $8::bigint, $9::int, $10::jsonb FROM writer
       ON CONFLICT ("recordingId", "key") DO UPDATE SET "endMs" = EXCLUDED."endMs", "sizeBytes" = EXCLUDED."sizeBytes",
         "eventCount" = EXCLUDED."eventCount", "seqRanges" = EXCLUDED."seqRanges"`,
      [
        ...[recordingId, this.epoch.number, key, stream, surface, startMs, endMs, sizeBytes, eventCount],
        JSON.stringify(seqRanges),
      ],
    );
    if (rowCount === 0) throw this.epoch.stale();
  }
}
