import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '@rushes/database';
import { ObjectStore } from '@rushes/object-store';
import { recordingPrefix, type RecordingId } from '@rushes/timeline';
import { LOGGER, monotonicEpochMs, type Logger } from '@rushes/platform';
import { RecordingStore } from './recording-store.ts';

const prefix = 'removed-recording/';
const sweepMs = 60_000;
/** Work that was under way may still store something of a removed recording; it is swept up for this long. Milliseconds. */
const watchMs = 60 * 60_000;
const keysAtOnce = 500;

/**
 * Removes recordings for good. That a recording is to go is noted first, so that a crash in between is finished later;
 * the note stays for an hour, because a file being derived at the time is stored after all else has gone.
 */
@Injectable()
export class RecordingRemoval implements OnApplicationBootstrap, OnModuleDestroy {
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ObjectStore) private readonly objects: ObjectStore,
    @Inject(RecordingStore) private readonly store: RecordingStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves when rows and objects are gone. */
  async remove(recordingId: RecordingId): Promise<void> {
    await this.database.pool.query(
      'INSERT INTO settings ("key", "value") VALUES ($1, $2) ON CONFLICT ("key") DO NOTHING',
      [prefix + recordingId, JSON.stringify(monotonicEpochMs())],
    );
    await this.erase(recordingId);
    this.logger.info({ recordingId }, 'recording removed');
  }

  onApplicationBootstrap(): void {
    this.startSweep();
    this.#timer = setInterval(() => this.startSweep(), sweepMs);
    this.#timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  private startSweep(): void {
    this.#sweeping = this.#sweeping
      .then(() => this.sweep())
      .catch((err: unknown) => this.logger.error({ err }, 'removed recordings could not be swept up'));
  }

  private async sweep(): Promise<void> {
    const { rows } = await this.database.pool.query<{ key: string; value: number }>(
      'SELECT "key", "value" FROM settings WHERE "key" LIKE $1',
      [`${prefix}%`],
    );
    for (const { key, value: removedAt } of rows) {
      await this.erase(key.slice(prefix.length));
      if (monotonicEpochMs() - removedAt < watchMs) continue;
      await this.database.pool.query('DELETE FROM settings WHERE "key" = $1', [key]);
    }
  }

  private async erase(recordingId: RecordingId): Promise<void> {
    await this.store.remove(recordingId);
    let keys: string[] = [];
    for await (const { key } of this.objects.list(recordingPrefix(recordingId))) {
      keys.push(key);
      if (keys.length < keysAtOnce) continue;
      await this.objects.delete(keys);
      keys = [];
    }
    await this.objects.delete(keys);
  }
}
