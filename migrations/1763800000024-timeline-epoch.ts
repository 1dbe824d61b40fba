import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts who has written a recording's timeline: whoever is not the newest writes nothing more. */
export class TimelineEpoch1763800000024 implements MigrationInterface {
  readonly name = 'TimelineEpoch1763800000024';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE recordings ADD COLUMN "timelineEpoch" integer NOT NULL DEFAULT 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE recordings DROP COLUMN "timelineEpoch"`);
  }
}
