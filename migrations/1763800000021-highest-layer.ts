import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The highest spatial layer of cameras that a recording keeps, and that another process asks a room's recorder for. */
export class HighestLayer1763800000021 implements MigrationInterface {
  readonly name = 'HighestLayer1763800000021';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE recordings ADD COLUMN "highestLayer" integer`);
    await runner.query(`ALTER TABLE room_requests ADD COLUMN "highestLayer" integer`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE recordings DROP COLUMN "highestLayer"`);
    await runner.query(`ALTER TABLE room_requests DROP COLUMN "highestLayer"`);
  }
}
