import { Inject, Injectable } from '@nestjs/common';
import { Database, inTransaction } from '@rushes/database';
import type { EventEnvelope, RecordingId } from '@rushes/timeline';
import { countEvents, type EventCount, type SourceProgress } from './count-events.ts';

/** Counts and progress in one transaction, so that an event delivered again is not counted again. */
@Injectable()
export class EventCountStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns what was new. Events of recordings that have been removed are passed over. */
  async add(events: readonly EventEnvelope[]): Promise<EventCount[]> {
    const recordingIds = [...new Set(events.map((event) => event.recordingid))];
    return inTransaction(this.database.pool, async (client) => {
      const existing = await client.query<{ recordingId: string }>(
        'SELECT "recordingId" FROM recordings WHERE "recordingId" = ANY($1) FOR KEY SHARE',
        [recordingIds],
      );
      const known = new Set(existing.rows.map((row) => row.recordingId));
      const before = await client.query<SourceProgress>(
        'SELECT * FROM event_count_sources WHERE "recordingId" = ANY($1)',
        [recordingIds],
      );
      const { counts, progress } = countEvents(
        events.filter((event) => known.has(event.recordingid)),
        before.rows,
      );
      await client.query(
        `INSERT INTO event_counts ("recordingId", "type", "count")
         SELECT * FROM json_to_recordset($1) AS fresh("recordingId" text, "type" text, "count" bigint)
         ON CONFLICT ("recordingId", "type") DO UPDATE SET "count" = event_counts."count" + EXCLUDED."count"`,
        [JSON.stringify(counts)],
      );
      await client.query(
        `INSERT INTO event_count_sources ("recordingId", "source", "lastSeq")
         SELECT * FROM json_to_recordset($1) AS fresh("recordingId" text, "source" text, "lastSeq" integer)
         ON CONFLICT ("recordingId", "source") DO UPDATE SET "lastSeq" = EXCLUDED."lastSeq"`,
        [JSON.stringify(progress)],
      );
      return counts;
    });
  }

  async ofRecording(recordingId: RecordingId): Promise<{ type: string; count: number }[]> {
    const { rows } = await this.database.pool.query<{ type: string; count: number }>(
      'SELECT "type", "count" FROM event_counts WHERE "recordingId" = $1 ORDER BY "type"',
      [recordingId],
    );
    return rows;
  }
}
