import type { Database } from '@rushes/database';
import type { RecordingId } from '@rushes/timeline';
import type { Topic } from '../event-log.ts';
import { encodeTextArray } from './encode-text-array.ts';

/** All that is asked of a `Database`. */
export type LogDatabase = Pick<Database, 'pool'>;

/** An event ready to be written: its envelope as JSON text. */
export type EncodedEvent = { recordingId: RecordingId; json: string };

/** An event as it is stored. */
export type StoredEvent = EncodedEvent & { offset: number };

/** The one partition of every topic. */
export const partition = 0;

/** The event log's SQL. One topic is one partition, which is plenty for one machine. */
export class LogTable {
  readonly #pool: LogDatabase['pool'];

  constructor(database: LogDatabase) {
    this.#pool = database.pool;
  }

  /**
   * Writes the events in one statement, so in one commit. The topic's head row is locked until then: offsets have no holes
   * and become visible in their order, also with several writers.
   * @returns the offset after the last
   */
  async append(topic: Topic, events: readonly EncodedEvent[]): Promise<number> {
    const { rows } = await this.#pool.query<{ nextOffset: number }>(
      `WITH head AS (
         INSERT INTO event_log_heads ("topic", "nextOffset") VALUES ($1, $2)
         ON CONFLICT ("topic") DO UPDATE SET "nextOffset" = event_log_heads."nextOffset" + $2
         RETURNING "nextOffset"
       ), written AS (
         INSERT INTO event_log ("topic", "offset", "recordingId", "event")
         SELECT $1, head."nextOffset" - $2 + input.position - 1, input."recordingId", input.json
         FROM head, unnest($3::text[], $4::text[]) WITH ORDINALITY AS input("recordingId", json, position)
       )
       SELECT "nextOffset" FROM head`,
      [
        topic,
        events.length,
        encodeTextArray(events.map((event) => event.recordingId)),
        encodeTextArray(events.map((event) => event.json)),
      ],
    );
    return rows[0]!.nextOffset;
  }

  /**
   * The records from `offset` on: at most `maxRecords`, and no more once `maxBytes` are reached. Empty only if there is none.
   * Both ends of the range are given, because without statistics PGlite would sort all that is left.
   */
  async read(topic: Topic, offset: number, maxRecords: number, maxBytes: number): Promise<StoredEvent[]> {
    const { rows } = await this.#pool.query<StoredEvent>(
      `SELECT "offset", "recordingId", "event" AS json FROM (
         SELECT "offset", "recordingId", "event", octet_length("event") AS bytes,
                sum(octet_length("event")) OVER (ORDER BY "offset") AS total
         FROM event_log WHERE "topic" = $1 AND "offset" >= $2::bigint AND "offset" < $2::bigint + $3::bigint
       ) AS measured WHERE total - bytes < $4 ORDER BY "offset"`,
      [topic, offset, maxRecords, maxBytes],
    );
    if (rows.length === 0) {
      const first = await this.#firstFrom(topic, offset);
      return first === undefined ? [] : this.read(topic, first, maxRecords, maxBytes);
    }
    return rows;
  }

  /** The offset that the next record will get, for every topic ever written. */
  async heads(): Promise<Map<string, number>> {
    const { rows } = await this.#pool.query<{ topic: string; nextOffset: number }>(
      'SELECT "topic", "nextOffset" FROM event_log_heads',
    );
    return new Map(rows.map((row) => [row.topic, row.nextOffset]));
  }

  /** How many records from `offset` on are still there. */
  async countFrom(topic: Topic, offset: number): Promise<number> {
    const [first, heads] = await Promise.all([this.#firstFrom(topic, offset), this.heads()]);
    return first === undefined ? 0 : Math.max(0, (heads.get(topic) ?? 0) - first);
  }

  async readCheckpoint(group: string, topic: Topic): Promise<number | undefined> {
    const { rows } = await this.#pool.query<{ nextOffset: number }>(
      'SELECT "nextOffset" FROM checkpoints WHERE "group" = $1 AND "topic" = $2 AND "partition" = $3',
      [group, topic, partition],
    );
    return rows[0]?.nextOffset;
  }

  /** Never moves it backwards. */
  async writeCheckpoint(group: string, topic: Topic, nextOffset: number): Promise<void> {
    await this.#pool.query(
      `INSERT INTO checkpoints ("group", "topic", "partition", "nextOffset") VALUES ($1, $2, $3, $4)
       ON CONFLICT ("group", "topic", "partition") DO UPDATE
       SET "nextOffset" = EXCLUDED."nextOffset", "updatedAt" = now()
       WHERE checkpoints."nextOffset" < EXCLUDED."nextOffset"`,
      [group, topic, partition, nextOffset],
    );
  }

  /** Deletes the oldest records that were written before `before`, of a stretch of `limit`. @returns how many */
  async deleteOldest(topic: Topic, before: Date, limit: number): Promise<number> {
    const first = await this.#firstFrom(topic, 0);
    if (first === undefined) return 0;
    const { rowCount } = await this.#pool.query(
      `DELETE FROM event_log WHERE "topic" = $1 AND "offset" >= $2 AND "offset" < $3 AND "appendedAt" < $4`,
      [topic, first, first + limit, before],
    );
    return rowCount ?? 0;
  }

  /** Gives the space of deleted records back for use: PGlite has no autovacuum. */
  async vacuum(): Promise<void> {
    await this.#pool.query('VACUUM event_log');
  }

  async #firstFrom(topic: Topic, offset: number): Promise<number | undefined> {
    const { rows } = await this.#pool.query<{ first: number | null }>(
      'SELECT min("offset") AS first FROM event_log WHERE "topic" = $1 AND "offset" >= $2',
      [topic, offset],
    );
    return rows[0]?.first ?? undefined;
  }
}
