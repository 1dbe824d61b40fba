import type pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../../../migrations/index.ts';
import { entities } from './entities/index.ts';

/** A TypeORM data source on the pool. Destroying it ends the pool. */
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
  return dataSource;
}
