import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What another recorder needs to go on with a room whose recorder is gone, which recording went on after which, and what other
 * processes ask of a room's recorder.
 */
export class Recorders1763800000010 implements MigrationInterface {
  readonly name = 'Recorders1763800000010';

  async up(runner: QueryRunner): Promise<void> {
    // Rooms live for as long as a meeting: those of before the change belong to processes that are gone.
    await runner.query(`DELETE FROM rooms`);
    await runner.query(`
      ALTER TABLE rooms
        ADD COLUMN "url" text NOT NULL,
        ADD COLUMN "openedAt" bigint NOT NULL,
        ADD COLUMN "recordingId" text,
        ADD COLUMN "state" text`);
    await runner.query(`ALTER TABLE recordings ADD COLUMN "continuesRecordingId" text`);
    await runner.query(`
      CREATE TABLE room_requests (
        "requestId" text PRIMARY KEY,
        "roomId" text NOT NULL,
        "holderId" text NOT NULL,
        "title" text,
        "requestedAt" bigint NOT NULL,
        "answer" jsonb
      )`);
    await runner.query(`CREATE INDEX room_requests_open ON room_requests ("holderId") WHERE "answer" IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE room_requests`);
    await runner.query(`ALTER TABLE recordings DROP COLUMN "continuesRecordingId"`);
    await runner.query(
      `ALTER TABLE rooms DROP COLUMN "url", DROP COLUMN "openedAt", DROP COLUMN "recordingId", DROP COLUMN "state"`,
    );
  }
}
