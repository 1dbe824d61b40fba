import type pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../../../migrations/index.ts';
import { entities } from './entities/index.ts';

/** Any number, the same in every process: who holds this advisory lock migrates. */
const migrationLock = 7_469_273_001;

/** A TypeORM data source on the pool, its migrations run. Destroying it ends the pool. */
export async function openDataSource(pool: pg.Pool): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    // TypeORM makes its pool by `new driver.Pool(…)`: it is given the one that is there.
    driver: {
      Pool: function Pool() {
        return pool;
      },
    },
    installExtensions: false,
    entities,
    migrations,
  });
  await dataSource.initialize();
  await migrate(pool, dataSource);
  return dataSource;
}

/** Processes that start at the same time migrate one after the other; all but the first find nothing to do. */
async function migrate(pool: pg.Pool, dataSource: DataSource): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [migrationLock]);
    }
  } finally {
    client.release();
  }
}
