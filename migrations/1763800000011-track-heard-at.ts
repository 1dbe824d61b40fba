import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the recorder of a track last said that it has it, epoch milliseconds by the database's clock. */
export class TrackHeardAt1763800000011 implements MigrationInterface {
  readonly name = 'TrackHeardAt1763800000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE tracks ADD COLUMN "heardAt" bigint`);
    await runner.query(`CREATE INDEX tracks_open ON tracks ("status") WHERE "status" IN ('recording', 'spooled')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX tracks_open`);
    await runner.query(`ALTER TABLE tracks DROP COLUMN "heardAt"`);
  }
}
