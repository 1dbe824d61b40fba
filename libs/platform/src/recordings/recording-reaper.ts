import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '@rushes/database';
import { monotonicEpochMs } from '../clock/recording-clock.ts';
import { LOGGER, type Logger } from '../logging/logger.ts';
import { runWithContext } from '../logging/work-context.ts';
import { ConnectionWatch } from '../rooms/connection-watch.ts';
import { externalHolderId } from './holder-id.ts';
import { holdMsOf, importHoldMs, RecordingLifecycle } from './recording-lifecycle.ts';
import { RecordingRows, type RecordingRow } from './recording-rows.ts';

const reapMs = 5_000;
/** A database that has not answered for this long was away, for the holders too. Milliseconds. */
const longestPauseMs = reapMs + 2_500;

/**
 * Ends recordings whose holder has fallen silent, and says once more that one ended when the process that ended it died before
 * it was known to be said. Runs in every process; the row decides who of them ends it, and the log takes it as said once.
 *
 * Silence counts only as far as it could have been heard: a row is left alone until this process has been connected to the
 * database for as long as its holder may be silent, so that an outage of the database ends nothing.
 */
@Injectable()
export class RecordingReaper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #rows: RecordingRows;
  readonly #watch = new ConnectionWatch(longestPauseMs);
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RecordingLifecycle) private readonly lifecycle: RecordingLifecycle,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#rows = new RecordingRows(database);
  }

  async onApplicationBootstrap(): Promise<void> {
    // An embedded database belongs to one process: what another one holds was left behind by its death.
    if (this.database.isEmbedded) {
      for (const row of await this.#rows.heldByOthers(this.lifecycle.holderId)) {
        if (row.holderId !== externalHolderId || row.status !== 'recording') await this.finish(row);
      }
    }
    await this.reap(monotonicEpochMs());
    this.#timer = setInterval(() => this.start(), reapMs);
    this.#timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Finishes every recording whose hold has run out. @param nowMs epoch milliseconds */
  async reap(nowMs: number): Promise<void> {
    const abandoned = await this.#rows.abandoned(Math.round(nowMs));
    this.#watch.note(nowMs);
    for (const row of abandoned) {
      const silenceMs = mostSilenceMsOf(row);
      if (silenceMs === 0 || this.#watch.hasHeardFor(silenceMs, nowMs)) await this.finish(row);
    }
  }

  /** One run at a time: a slow database is not asked again before it has answered. */
  private start(): void {
    this.#running ??= this.reap(monotonicEpochMs())
      .catch((err: unknown) => this.logger.error({ err }, 'abandoned recordings could not be ended'))
      .finally(() => (this.#running = undefined));
  }

  private finish(row: RecordingRow): Promise<void> {
    return runWithContext({ recordingId: row.recordingId }, () => this.lifecycle.finishAbandoned(row));
  }
}

/** Who is over, and no import, only has its end said once more: nobody need be silent for that. Milliseconds. */
function mostSilenceMsOf({ status, endReason, holderId }: RecordingRow): number {
  if (status === 'recording') return holdMsOf(holderId);
  return endReason === 'imported' ? importHoldMs : 0;
}
