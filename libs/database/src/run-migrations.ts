import type pg from 'pg';
import type { DataSource } from 'typeorm';

/** Any number, the same in every process: who holds this advisory lock migrates. */
const migrationLock = 7_469_273_001;

/**
 * Brings the schema up to date. Processes that start at the same time migrate one after the other: all but the first find nothing to
 * do. Needs two connections.
 * @returns names of the migrations that ran, in order
 */
export async function runMigrations(pool: pg.Pool, dataSource: DataSource): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    await client.query('SELECT pg_advisory_unlock($1)', [migrationLock]);
    client.release();
    return ran.map(({ name }) => name);
  } catch (error) {
    // The lock goes with its connection.
    client.release(true);
    throw error;
  }
}
