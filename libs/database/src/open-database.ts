import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type pg from 'pg';
import { createMigrationPool, createPool, createServerPool } from './create-pool.ts';
import { Database, type DatabaseParts } from './database.ts';
import { lockFolder } from './embedded/folder-lock.ts';
import { PgliteServer } from './embedded/pglite-server.ts';
import { openDataSource } from './open-data-source.ts';
import { runMigrations } from './run-migrations.ts';
import { startJobs, type JobsBackend } from './start-jobs.ts';
import { whenReachable } from './when-reachable.ts';

export type OpenDatabaseOptions = (
  | {
      /** PGlite, in `<dataDir>/database`; made if it is not there. One process at a time. */
      dataDir: string;
    }
  | {
      /** A PostgreSQL server: `postgres://user:password@host:port/database`. */
      url: string;
      /** Most connections of this process, besides the job queue's own 4. Default 10. */
      poolSize?: number;
      /** How long to wait for a server that does not answer, milliseconds. Default two minutes. */
      waitMs?: number;
    }
) & {
  /** Told of connections that break and of work of the job queue that fails; both are tried again. Default: a process warning. */
  onError?: (error: Error) => void;
};

const defaultWaitMs = 120_000;

/**
 * Opens the database, brings its schema up to date and starts its job queue. Connections that break later are replaced when the
 * server is back.
 * @throws FolderLockedError when another process has the folder open; DatabaseConnectError when the server is not to be had
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const onError = options.onError ?? ((error: Error) => process.emitWarning(error));
  if (!('url' in options)) return assemble(await openEmbedded(options.dataDir, onError), onError);
  await migrateServer(options.url, options.waitMs, onError);
  const pool = createServerPool(options.url, options.poolSize ?? 10, onError);
  const jobsBackend = { url: options.url };
  return assemble({ pool, jobsBackend, isEmbedded: false, closeServer: async () => undefined }, onError);
}

/**
 * Brings the schema up to date and does nothing else. Several processes may do it at once.
 * @returns names of the migrations that ran; none when it was up to date
 * @throws as {@link openDatabase}
 */
export async function migrateDatabase(options: OpenDatabaseOptions): Promise<string[]> {
  const onError = options.onError ?? ((error: Error) => process.emitWarning(error));
  if ('url' in options) return migrateServer(options.url, options.waitMs, onError);
  const { pool, closeServer } = await openEmbedded(options.dataDir, onError);
  return migrateAndEnd(pool).finally(closeServer);
}

async function migrateServer(url: string, waitMs = defaultWaitMs, onError: (error: Error) => void): Promise<string[]> {
  const pool = createMigrationPool(url, onError);
  try {
    await whenReachable(pool, waitMs);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return migrateAndEnd(pool);
}

async function migrateAndEnd(pool: pg.Pool): Promise<string[]> {
  try {
    return await runMigrations(pool, await openDataSource(pool));
  } finally {
    await pool.end();
  }
}

async function openEmbedded(dataDir: string, onError: (error: Error) => void): Promise<Parts> {
  const folder = join(resolve(dataDir), 'database');
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(`${folder}.lock`, {
    what: 'The embedded database',
    advice: 'Stop that process, choose another RUSHES_DATA_DIR, or use a PostgreSQL server for several processes.',
  });
  let server: PgliteServer;
  try {
    server = await PgliteServer.start({ folder });
  } catch (error) {
    await unlock();
    throw error;
  }
  const connection = { stream: () => server.connect(), user: 'postgres', database: 'postgres' };
  const pool = createPool({ ...connection, max: 10 }, onError);
  return { pool, jobsBackend: { pool }, isEmbedded: true, closeServer: () => server.close().finally(unlock) };
}

type Parts = Pick<DatabaseParts, 'pool' | 'isEmbedded' | 'closeServer'> & { jobsBackend: JobsBackend };

/** What cannot be brought up is taken down again. */
async function assemble({ jobsBackend, ...parts }: Parts, onError: (error: Error) => void): Promise<Database> {
  try {
    const dataSource = await openDataSource(parts.pool);
    if (parts.isEmbedded) await runMigrations(parts.pool, dataSource);
    const jobs = await startJobs(jobsBackend, onError);
    return new Database({ ...parts, dataSource, jobs });
  } catch (error) {
    await parts.pool.end();
    await parts.closeServer();
    throw error;
  }
}
