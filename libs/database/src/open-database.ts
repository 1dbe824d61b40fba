import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Database, type DatabaseParts } from './database.ts';
import { createPool } from './create-pool.ts';
import { lockFolder } from './embedded/folder-lock.ts';
import { PgliteServer } from './embedded/pglite-server.ts';
import { openDataSource } from './open-data-source.ts';
import { startJobs, type JobsBackend } from './start-jobs.ts';

export type OpenDatabaseOptions =
  /** PGlite, in `<dataDir>/database`; made if it is not there. One process at a time. */
  | { dataDir: string }
  /** A PostgreSQL server: `postgres://user:password@host:port/database`. */
  | { url: string; poolSize?: number };

/**
 * Opens the database, brings its schema up to date and starts its job queue.
 * @throws FolderLockedError when another process has the folder open
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  return 'url' in options ? openServer(options) : openEmbedded(options.dataDir);
}

async function openServer({ url, poolSize = 10 }: { url: string; poolSize?: number }): Promise<Database> {
  const pool = createPool({ connectionString: url, max: poolSize, application_name: 'rushes' });
  return assemble({ pool, jobsBackend: { url }, isEmbedded: false, closeServer: async () => undefined });
}

async function openEmbedded(dataDir: string): Promise<Database> {
  const folder = join(resolve(dataDir), 'database');
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(`${folder}.lock`);
  let server: PgliteServer;
  try {
    server = await PgliteServer.start({ folder });
  } catch (error) {
    await unlock();
    throw error;
  }
  const pool = createPool({ stream: () => server.connect(), user: 'postgres', database: 'postgres', max: 10 });
  return assemble({
    pool,
    jobsBackend: { pool },
    isEmbedded: true,
    closeServer: () => server.close().finally(unlock),
  });
}

type Parts = Pick<DatabaseParts, 'pool' | 'isEmbedded' | 'closeServer'> & { jobsBackend: JobsBackend };

/** What cannot be brought up is taken down again. */
async function assemble({ jobsBackend, ...parts }: Parts): Promise<Database> {
  try {
    const dataSource = await openDataSource(parts.pool);
    const jobs = await startJobs(jobsBackend);
    return new Database({ ...parts, dataSource, jobs });
  } catch (error) {
    await parts.pool.end();
    await parts.closeServer();
    throw error;
  }
}
