import type { PGlite } from '@electric-sql/pglite';

/** Roughly the size that the write-ahead log reaches between two checkpoints: what a start after a kill has to replay. */
const checkpointBytes = 32 * 1024 * 1024;
/** What a statement weighs beyond its own bytes. */
const statementBytes = 512;
const deadRowsWorthAVacuum = 20_000;

/**
 * What a server's background processes do. PGlite has none: without this the write-ahead log grows until the process
 * ends (1.9 GB after 1.9 GB of events), and the space of deleted rows is never used again.
 */
export class Housekeeping {
  #bytes = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly pglite: PGlite) {}

  /** Notes a statement; true when it is time to {@link run}. */
  isDueAfter(unit: Uint8Array): boolean {
    this.#bytes += unit.length + statementBytes;
    return this.#bytes >= checkpointBytes;
  }

  /** To be called when nobody else is at work. A failure is tried again when it is due again. */
  run(): Promise<void> {
    this.#bytes = 0;
    this.#running = this.#sweep().catch((error: unknown) => {
      process.emitWarning(`Housekeeping of the embedded database failed: ${String(error)}`);
    });
    return this.#running;
  }

  /** A last checkpoint, so that the next start has nothing to replay. */
  async finish(): Promise<void> {
    await this.#running;
    await this.pglite.exec('CHECKPOINT');
  }

  async #sweep(): Promise<void> {
    await this.pglite.exec('CHECKPOINT');
    const { rows } = await this.pglite.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables
       WHERE n_dead_tup > $1 ORDER BY n_dead_tup DESC LIMIT 1`,
      [deadRowsWorthAVacuum],
    );
    for (const { name } of rows) await this.pglite.exec(`VACUUM (ANALYZE) ${name}`);
  }
}
