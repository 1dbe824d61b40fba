import { In } from 'typeorm';
import { ChunkEntity, type Database } from '@rushes/database';
import type { ListedObject, ObjectStore } from '@rushes/object-store';
import {
  decodeChunk,
  encodeChunk,
  recordingPrefix,
  type Chunk,
  type RecordingId,
  type SeqRangesBySource,
} from '@rushes/timeline';

/** A chunk that says which log records it holds. */
export type WrittenChunk = Chunk & { seqRanges: SeqRangesBySource };
/** What the index knows of a stored chunk. */
export type ChunkRow = Omit<ChunkEntity, never>;

/** One recording's chunks: objects, and their index rows. Bytes first, then the row. */
export class ChunkStore {
  readonly #prefix: string;

  constructor(
    readonly recordingId: RecordingId,
    private readonly objectStore: ObjectStore,
    private readonly database: Database,
  ) {
    this.#prefix = recordingPrefix(recordingId);
  }

  /**
   * All rows, oldest first, made to agree with the objects: a process that died between bytes and row left an object that
   * holds more than its row says, or that has none. The object tells what it holds.
   */
  async reconciled(): Promise<ChunkRow[]> {
    const rows = new Map((await this.indexed()).map((row) => [row.key, row]));
    for (const folder of ['timeline/events/', 'timeline/dom/']) {
      for await (const object of this.objectStore.list(this.#prefix + folder)) {
        const key = object.key.slice(this.#prefix.length);
        const row = rows.get(key);
        if (row && Number(row.sizeBytes) === object.sizeBytes) continue;
        rows.set(key, await this.index(await this.read(key), key, object));
      }
    }
    return [...rows.values()].sort((a, b) => a.startMs - b.startMs);
  }

  /** The rows of these keys, oldest first. */
  async rowsOf(keys: readonly string[]): Promise<ChunkRow[]> {
    const repository = this.database.dataSource.getRepository(ChunkEntity);
    const rows = await repository.findBy({ recordingId: this.recordingId, key: In([...keys]) });
    return rows.sort((a, b) => a.startMs - b.startMs);
  }

  /** Every row as it stands in the index, oldest first. */
  async indexed(): Promise<ChunkRow[]> {
    const rows = await this.database.dataSource.getRepository(ChunkEntity).findBy({ recordingId: this.recordingId });
    return rows.sort((a, b) => a.startMs - b.startMs);
  }

  async read(key: string): Promise<WrittenChunk> {
    const chunk = decodeChunk(await this.objectStore.read(this.#prefix + key));
    return { ...chunk, seqRanges: chunk.seqRanges ?? {} };
  }

  /** Stores the chunk, then its row. The same key again replaces both. */
  async write(key: string, chunk: WrittenChunk): Promise<ChunkRow> {
    const bytes = encodeChunk(chunk);
    const object = await this.objectStore.put(this.#prefix + key, bytes, { contentType: 'application/x-ndjson+gzip' });
    return this.index(chunk, key, object);
  }

  private async index(chunk: WrittenChunk, key: string, object: ListedObject): Promise<ChunkRow> {
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
    // TypeORM's partial type does not follow records of tuples.
    await this.database.dataSource.getRepository<ChunkRow>(ChunkEntity).save({ ...row });
    return row;
  }
}
