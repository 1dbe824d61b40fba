import type pg from 'pg';
import { PgBoss, type ConstructorOptions } from 'pg-boss';

/** Where the queue lives: on a server pg-boss keeps connections of its own, which it restores when they break. */
export type JobsBackend = { pool: pg.Pool } | { url: string };

/** How often jobs are looked for whose worker has died: those of a queue with `heartbeatSeconds` are then taken again. */
const superviseSeconds = 10;

/**
 * Starts pg-boss; its tables live in the schema `pgboss`. A queue made with `notify: true` wakes its workers at once. While the
 * database is away, workers ask again at their polling interval.
 */
export async function startJobs(backend: JobsBackend, onError: (error: Error) => void): Promise<PgBoss> {
  const connection: ConstructorOptions =
    'url' in backend
      ? { connectionString: backend.url, max: 4, application_name: 'rushes-jobs' }
      : { db: embeddedJobDatabase(backend.pool), backend: 'pglite' };
  const jobs = new PgBoss({
    ...connection,
    schema: 'pgboss',
    useListenNotify: true,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
  });
  // Without a listener an error event ends the process; pg-boss itself tries failed work again.
  jobs.on('error', onError);
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
