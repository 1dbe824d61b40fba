import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@rushes/database';
import { currentContext } from '@rushes/platform';
import type { ExportId } from '@rushes/timeline';

/** `requestId` is that of the call that asked for the export: the renderer's log carries it on. */
export type ExportJobData = { exportId: ExportId; requestId?: string };

/** A connection that is in a transaction. */
export type Transaction = { query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }> };

/** How often a job whose worker died is taken again. */
export const exportRetryLimit = 2;
/** A three-hour export of a difficult page takes a while. */
const expireInSeconds = 12 * 60 * 60;
/** A worker that was killed is noticed after this many seconds, and its job taken again. */
const heartbeatSeconds = 20;

/** The queue between the API, which asks for exports, and the renderers, which share them. */
@Injectable()
export class ExportQueue {
  readonly name = 'export';
  /** Jobs come here whose last worker died: nobody is left who could say that the export failed. */
  readonly lostName = 'export-lost';
  #ready: Promise<void> | undefined;

  constructor(@Inject(Database) private readonly database: Database) {}

  /** Makes the queue if it is not there. */
  prepare(): Promise<void> {
    this.#ready ??= this.#make().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  async #make(): Promise<void> {
    const { jobs } = this.database;
    // Nobody is notified of what pg-boss itself moves: it is looked for.
    await jobs.createQueue(this.lostName, { policy: 'standard' });
    const settings = { retryLimit: exportRetryLimit, retryDelay: 1, expireInSeconds, notify: true };
    await jobs.createQueue(this.name, { ...settings, policy: 'standard', heartbeatSeconds });
    // Of a queue that was there before, too.
    await jobs.updateQueue(this.name, { deadLetter: this.lostName });
  }

  /** Asks for an export to be rendered; with `client`, as part of the transaction that it is in. */
  async request(exportId: ExportId, client?: Transaction): Promise<void> {
    await this.prepare();
    const { requestId } = currentContext();
    const data: ExportJobData = { exportId, ...(requestId === undefined ? {} : { requestId }) };
    const db = client && { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
    await this.database.jobs.send(this.name, data, db ? { db } : {});
  }
}
