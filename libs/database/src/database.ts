import type pg from 'pg';
import type { PgBoss } from 'pg-boss';
import type { DataSource } from 'typeorm';

export type DatabaseParts = {
  dataSource: DataSource;
  pool: pg.Pool;
  jobs: PgBoss;
  isEmbedded: boolean;
  /** Called last, once nothing uses the pool any more. */
  closeServer: () => Promise<void>;
};

/** One open database: PGlite in this process or a PostgreSQL server, migrated, with its job queue running. */
export class Database {
  /** Entities and query builders. */
  readonly dataSource: DataSource;
  /** Connections for plain SQL; TypeORM uses the same ones. `int8` comes back as number. */
  readonly pool: pg.Pool;
  /** Background jobs (pg-boss), started. */
  readonly jobs: PgBoss;
  /** Whether this is PGlite, which only this process can use. */
  readonly isEmbedded: boolean;
  readonly #closeServer: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor({ dataSource, pool, jobs, isEmbedded, closeServer }: DatabaseParts) {
    this.dataSource = dataSource;
    this.pool = pool;
    this.jobs = jobs;
    this.isEmbedded = isEmbedded;
    this.#closeServer = closeServer;
  }

  /** Waits up to 10 s for running jobs, then closes everything. Close the event log first. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    try {
      await this.jobs.stop({ graceful: true, timeout: 10_000 });
    } finally {
      try {
        await this.dataSource.destroy();
      } finally {
        await this.#closeServer();
      }
    }
  }
}
