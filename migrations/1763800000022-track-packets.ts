import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whether a track's raw packets are there. `dropping`: they may be gone, and nothing may rely on them any more; said before the
 * first object goes. `dropped`: all are gone.
 */
export class TrackPackets1763800000022 implements MigrationInterface {
  readonly name = 'TrackPackets1763800000022';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE tracks ADD COLUMN "packets" text NOT NULL DEFAULT 'kept'
         CHECK ("packets" IN ('kept', 'dropping', 'dropped'))`,
    );
    await runner.query(`CREATE INDEX tracks_with_packets ON tracks ("recordingId") WHERE "packets" <> 'dropped'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX tracks_with_packets`);
    await runner.query(`ALTER TABLE tracks DROP COLUMN "packets"`);
  }
}
