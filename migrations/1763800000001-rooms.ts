import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which process hosts which room, and at most one running recording a room. `heldUntil` is epoch milliseconds. */
export class Rooms1763800000001 implements MigrationInterface {
  readonly name = 'Rooms1763800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE rooms (
        "roomId" text PRIMARY KEY,
        "holderId" text NOT NULL,
        "heldUntil" bigint NOT NULL
      )`);
    await runner.query(`CREATE INDEX rooms_by_holder ON rooms ("holderId")`);
    await runner.query(
      `CREATE UNIQUE INDEX recordings_one_running ON recordings ("roomId") WHERE "status" = 'recording'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX recordings_one_running`);
    await runner.query(`DROP TABLE rooms`);
  }
}
