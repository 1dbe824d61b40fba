import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@rushes/database';
import { ObjectNotFoundError, ObjectStore } from '@rushes/object-store';
import { addToContext, CONFIG, keepTrying, LOGGER, runWithContext } from '@rushes/platform';
import type { Config, Logger } from '@rushes/platform';
import { exportRequestSchema, LoopbackObjects } from '@rushes/render';
import type { RecordingObjects } from '@rushes/render';
import { objectKeys, recordingPrefix } from '@rushes/timeline';
import type { ExportId, RecordingId } from '@rushes/timeline';
import { ExportQueue, exportRetryLimit, type ExportJobData } from '../export-queue.ts';
import { ExportStore } from '../export-store.ts';
import type { Export } from '../schemas.ts';
import { ExportProcessError, runExportProcess } from './export-process.ts';

/** How often progress is written, and whether somebody cancelled is looked up. */
const progressEveryMs = 500;

/** The jobs that render exports: one at a time in this process, each in a process of its own. */
@Injectable()
export class ExportJobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly running = new Set<AbortController>();
  private readonly folder: string;
  private readonly drainMs: number;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ObjectStore) private readonly objects: ObjectStore,
    @Inject(ExportStore) private readonly store: ExportStore,
    @Inject(ExportQueue) private readonly queue: ExportQueue,
    @Inject(CONFIG) config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    // Not in the spool: there the recorder clears away what is not its own.
    this.folder = join(config.dataDir, 'exports');
    this.drainMs = config.drainMs;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.queue.prepare();
    await this.removeLeftovers();
    await this.database.jobs.work<ExportJobData, void, { includeMetadata: true; pollingIntervalSeconds: number }>(
      this.queue.name,
      { includeMetadata: true, pollingIntervalSeconds: 2 },
      async ([job]) => {
        if (job) await this.run(job.data, job.retryCount >= exportRetryLimit);
      },
    );
    await this.database.jobs.work<ExportJobData>(this.queue.lostName, { pollingIntervalSeconds: 5 }, async ([job]) => {
      if (job) await this.giveUp(job.data.exportId);
    });
  }

  /**
   * Takes no more exports. One that runs may finish in the drain time; then it goes back to the queue, without having lost one
   * of its tries, and whoever takes it next goes on with the chunks that are finished where it finds them.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const timer = setTimeout(() => {
      for (const each of this.running) each.abort(new HandBackError());
    }, this.drainMs);
    await this.database.jobs.offWork(this.queue.lostName, { wait: true });
    await this.database.jobs.offWork(this.queue.name, { wait: true });
    clearTimeout(timer);
  }

  private run({ exportId, ...cause }: ExportJobData, isLastTry: boolean): Promise<void> {
    return runWithContext({ exportId, ...cause }, async () => {
      const job = await this.store.start(exportId);
      if (!job) return this.removeFolder(exportId);
      const { recordingId } = job;
      addToContext({ recordingId });
      this.logger.info({ exportId, recordingId }, 'export running');
      const abort = new AbortController();
      this.running.add(abort);
      try {
        await this.renderWithRetries(job, abort);
        await this.removeFolder(exportId);
      } catch (err) {
        await this.failed({ exportId, recordingId, err, isLastTry });
      } finally {
        this.running.delete(abort);
      }
    });
  }

  private async failed(facts: {
    exportId: ExportId;
    recordingId: RecordingId;
    err: unknown;
    isLastTry: boolean;
  }): Promise<void> {
    const { exportId, recordingId, err, isLastTry } = facts;
    if (err instanceof CancelledError) {
      this.logger.info({ exportId, recordingId }, 'export cancelled');
      return this.removeFolder(exportId);
    }
    if (err instanceof HandBackError) {
      await this.queue.request(exportId);
      this.logger.info({ exportId, recordingId }, 'export handed back to the queue');
      return;
    }
    this.logger.error({ err, exportId, recordingId, isLastTry }, 'export failed');
    const isHopeless = err instanceof ExportProcessError;
    if (!isHopeless && !isLastTry) throw err;
    const code = err instanceof ExportProcessError ? err.code : 'export-failed';
    await this.store.fail(exportId, { code, message: err instanceof Error ? err.message : String(err) });
    await this.removeFolder(exportId);
  }

  /** Every worker that took the export has died, or could not say what became of it. */
  private async giveUp(exportId: ExportId): Promise<void> {
    const message = `every renderer that took it has ended in the middle of it (${exportRetryLimit + 1} tries)`;
    this.logger.error({ exportId }, 'export given up');
    await this.store.fail(exportId, { code: 'export-failed', message });
    await this.removeFolder(exportId);
  }

  /** A renderer that dies is started again at once: it finds the finished chunks. The queue's own retries are for workers that die. */
  private async renderWithRetries(job: Export, abort: AbortController): Promise<void> {
    const { exportId, recordingId } = job;
    for (let tries = 1; ; tries++) {
      try {
        return await this.render(job, abort);
      } catch (err) {
        const canRetry = err instanceof ExportProcessError && err.retriable && tries <= exportRetryLimit;
        if (!canRetry || abort.signal.aborted) throw err;
        this.logger.warn({ err, exportId, recordingId, tries }, 'renderer died, starting it again');
      }
    }
  }

  private async render(job: Export, abort: AbortController): Promise<void> {
    const { exportId, recordingId } = job;
    const startedAt = performance.now();
    const workFolder = this.folderOf(exportId);
    await mkdir(workFolder, { recursive: true });
    const outputFile = join(workFolder, 'recording.mp4');
    const loopback = await LoopbackObjects.listen(this.objectsOf(recordingId, abort.signal));
    let progress = job.progress;
    const keepUp = setInterval(() => {
      this.store.progress(exportId, progress).then(
        (isRunning) => isRunning || abort.abort(new CancelledError()),
        (err: unknown) => this.logger.warn({ err, exportId }, 'progress was not written'),
      );
    }, progressEveryMs);
    try {
      const request = exportRequestSchema.parse(job.request);
      const result = await runExportProcess(
        { request, objectsUrl: loopback.url, workFolder, outputFile },
        { signal: abort.signal, onProgress: (now) => (progress = now) },
      );
      const key = recordingPrefix(recordingId) + objectKeys.exportFile(exportId, 'recording.mp4');
      const type = { contentType: 'video/mp4' };
      // An outage of the store or the database is no reason to throw hours of rendering away.
      await keepTrying(() => this.objects.put(key, createReadStream(outputFile), type), abort);
      if (!(await keepTrying(() => this.store.finish(exportId, result), abort))) {
        // Cancelled in the last moment: nobody will ask for the file. Otherwise somebody else has finished it.
        if ((await this.store.find(exportId))?.status !== 'done') await this.objects.delete([key]);
        return;
      }
      const seconds = (performance.now() - startedAt) / 1000;
      this.logger.info(
        { exportId, recordingId, seconds, speed: result.speed, warnings: result.warnings },
        'export done',
      );
    } finally {
      clearInterval(keepUp);
      await loopback.close();
    }
  }

  private objectsOf(recordingId: RecordingId, signal: AbortSignal): RecordingObjects {
    const prefix = recordingPrefix(recordingId);
    return {
      get: async (key, range) => {
        try {
          return await keepTrying(() => this.objects.get(prefix + key, range), { signal });
        } catch (error) {
          if (error instanceof ObjectNotFoundError) return undefined;
          throw error;
        }
      },
    };
  }

  private folderOf(exportId: ExportId): string {
    return join(this.folder, exportId);
  }

  private removeFolder(exportId: ExportId): Promise<void> {
    return rm(this.folderOf(exportId), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  /** Folders of exports that a killed process had finished or nobody waits for. */
  private async removeLeftovers(): Promise<void> {
    for (const exportId of await readdir(this.folder).catch(() => [])) {
      const found = await this.store.find(exportId);
      if (!found || !['queued', 'running'].includes(found.status)) await this.removeFolder(exportId);
    }
  }
}

/** The process ends before the export does. */
class HandBackError extends Error {
  constructor() {
    super('the process ends');
    this.name = 'HandBackError';
  }
}

class CancelledError extends Error {
  constructor() {
    super('the export was cancelled');
    this.name = 'CancelledError';
  }
}
