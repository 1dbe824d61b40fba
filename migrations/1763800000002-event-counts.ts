import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What analytics counts, and up to which event of each source it has counted. */
export class EventCounts1763800000002 implements MigrationInterface {
  readonly name = 'EventCounts1763800000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_counts (
        "recordingId" text NOT NULL REFERENCES recordings ON DELETE CASCADE,
        "type" text NOT NULL,
        "count" bigint NOT NULL,
        PRIMARY KEY ("recordingId", "type")
      )`);
    await runner.query(`
      CREATE TABLE event_count_sources (
        "recordingId" text NOT NULL REFERENCES recordings ON DELETE CASCADE,
        "source" text NOT NULL,
        "lastSeq" integer NOT NULL,
        PRIMARY KEY ("recordingId", "source")
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE event_count_sources, event_counts`);
  }
}
