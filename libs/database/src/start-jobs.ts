import type pg from 'pg';
import { PgBoss, type ConstructorOptions } from 'pg-boss';

/** Where the queue lives: on a server pg-boss keeps connections of its own, which it restores when they break. */
export type JobsBackend = { pool: pg.Pool } | { url: string };

/** Starts pg-boss; its tables live in the schema `pgboss`. A queue made with `notify: true` wakes its workers at once. */
export async function startJobs(backend: JobsBackend): Promise<PgBoss> {
  const connection: ConstructorOptions =
    'url' in backend
      ? { connectionString: backend.url, max: 4 }
      : { db: embeddedJobDatabase(backend.pool), backend: 'pglite' };
  const jobs = new PgBoss({ ...connection, schema: 'pgboss', useListenNotify: true });
  // Without a listener an error event ends the process; pg-boss itself tries failed maintenance again.
  jobs.on('error', (error) => process.emitWarning(error));
  await jobs.start();
  return jobs;
}

function embeddedJobDatabase(pool: pg.Pool): NonNullable<ConstructorOptions['db']> {
  return {
    executeSql: (text, values) => pool.query(text, values),
    listen: async (channel, onNotification, onReconnect) => {
      const client = await pool.connect();
      client.on('notification', ({ payload }) => onNotification(payload ?? ''));
      await client.query(`LISTEN "${channel}"`);
      onReconnect();
      return {
        close: async () => {
          await client.query(`UNLISTEN "${channel}"`);
          client.release(true);
        },
      };
    },
  };
}
