import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@rushes/database';
import { ObjectNotFoundError, ObjectStore } from '@rushes/object-store';
import {
  EventPublishers,
  HOLDER_ID,
  LOGGER,
  monotonicEpochMs,
  newId,
  ProblemError,
  RecordingRows,
  type Logger,
} from '@rushes/platform';
import { objectKeys, recordingPrefix, type RecordingId } from '@rushes/timeline';
import { ImportError } from './import-error.ts';
import type { FileReport } from './import-report.ts';
import { importStateSchema, type ImportState } from './import-state.ts';
import { planImport, type ImportPlan } from './plan/plan-import.ts';
import type { ImportHold } from './run/import-hold.ts';
import { Importer } from './run/importer.ts';
import { sweepLeftovers } from './sweep-leftovers.ts';

/** Imports that were uploaded. What became of one stands beside its recording, for any process to tell. */
@Injectable()
export class ImportsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #importer: Importer;
  readonly #recordings: RecordingRows;
  readonly #running = new Set<Promise<unknown>>();
  readonly #ending = new AbortController();

  constructor(
    @Inject(Database) database: Database,
    @Inject(ObjectStore) private readonly store: ObjectStore,
    @Inject(EventPublishers) publishers: EventPublishers,
    @Inject(HOLDER_ID) holderId: string,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const publisher = publishers.create('import');
    this.#importer = new Importer({ database, store, publisher, logger, holderId });
    this.#recordings = new RecordingRows(database);
  }

  /**
   * Looks into an uploaded folder, then imports it, in the background. Resolves when it is over, or after `patienceMs` with an import
   * that runs: its recording is there then, whatever may be found in the folder. The folder is removed in the end.
   * @throws ProblemError 400 `import-json-invalid`, 422 `nothing-imported`, when that is known before `patienceMs`
   */
  async start(folder: string, patienceMs: number): Promise<ImportState> {
    const recordingId = newId();
    const patience = new AbortController();
    const isLate = pause(patienceMs, true, { signal: patience.signal }).catch(() => false);
    const known = Promise.withResolvers<void>();
    const running = this.import(recordingId, folder, isLate, known.resolve).finally(() => remove(folder));
    this.#running.add(running);
    void running.catch(() => undefined).finally(() => this.#running.delete(running));
    try {
      const late = Promise.all([isLate, known.promise]).then(() => undefined);
      return (await Promise.race([running, late])) ?? runningState(recordingId);
    } catch (error) {
      throw error instanceof ImportError ? toProblem(error) : error;
    } finally {
      patience.abort();
    }
  }

  /** @throws ProblemError 404 `import-not-found` */
  async get(recordingId: RecordingId): Promise<ImportState> {
    const row = await this.#recordings.find(recordingId);
    if (row?.endReason !== 'imported') throw new ProblemError(404, 'import-not-found', 'There is no such import.');
    const state = await this.read(recordingId);
    if (state && state.status !== 'running') return state;
    if (row.status !== 'failed') return runningState(recordingId);
    return { ...runningState(recordingId), status: 'failed', problem: hasEnded };
  }

  onApplicationBootstrap(): void {
    void sweepLeftovers(tmpdir(), Date.now()).catch((err: unknown) =>
      this.logger.warn({ err }, 'what imports of killed processes left could not be removed'),
    );
  }

  /** Imports that run are given up, and say so. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#ending.abort(new Error('the process that imported it ends'));
    await Promise.allSettled(this.#running);
  }

  /** @param isKnown is called as soon as there is a recording, or will be at once */
  private async import(
    recordingId: RecordingId,
    folder: string,
    isLate: Promise<boolean>,
    isKnown: () => void,
  ): Promise<ImportState> {
    const planned = planImport(folder, monotonicEpochMs(), this.#ending.signal);
    const isPlanned = planned.then(
      () => true,
      () => true,
    );
    const isAhead = !(await Promise.race([isPlanned, isLate.then(() => false)]));
    const hold = isAhead ? await this.#importer.announce(recordingId, monotonicEpochMs()) : undefined;
    if (hold) isKnown();
    let plan: ImportPlan;
    try {
      plan = await planned;
    } catch (error) {
      if (hold) {
        const files = error instanceof ImportError ? error.facts.files : undefined;
        await this.writeFailure(recordingId, error, files ?? []).finally(() =>
          this.#importer.giveUp(recordingId, hold),
        );
      }
      throw error;
    }
    isKnown();
    return this.run(recordingId, plan, hold);
  }

  private async run(recordingId: RecordingId, plan: ImportPlan, hold: ImportHold | undefined): Promise<ImportState> {
    try {
      const { files } = await this.#importer.run(plan, this.#ending.signal, recordingId, hold);
      return await this.write({ recordingId, status: 'done', problem: null, files });
    } catch (error) {
      await this.writeFailure(recordingId, error, plan.report.list());
      throw error;
    }
  }

  private async writeFailure(recordingId: RecordingId, err: unknown, files: readonly FileReport[]): Promise<void> {
    this.logger.error({ err, recordingId }, 'an import failed');
    const otherwise = err instanceof ImportError ? err.message : 'something went wrong here';
    const problem = this.#ending.signal.aborted ? hasEnded : otherwise;
    await this.write({ recordingId, status: 'failed', problem, files: [...files] });
  }

  private async read(recordingId: RecordingId): Promise<ImportState | undefined> {
    try {
      const bytes = await this.store.read(recordingPrefix(recordingId) + objectKeys.importState);
      return importStateSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (error) {
      if (error instanceof ObjectNotFoundError) return undefined;
      throw error;
    }
  }

  private async write(state: ImportState): Promise<ImportState> {
    const key = recordingPrefix(state.recordingId) + objectKeys.importState;
    await this.store.put(key, Buffer.from(JSON.stringify(state)), { contentType: 'application/json' });
    return state;
  }
}

const hasEnded = 'the process that imported it has ended';

function runningState(recordingId: RecordingId): ImportState {
  return { recordingId, status: 'running', problem: null, files: [] };
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

function toProblem(error: ImportError): ProblemError {
  const { code, message, facts } = error;
  const { fields = [], files = [] } = facts;
  const refused = files.flatMap(({ file, problems }) => problems.map((expected) => ({ field: file, expected })));
  const status = code === 'import-json-invalid' ? 400 : 422;
  return new ProblemError(status, code, message, [...fields, ...refused], { cause: error });
}
