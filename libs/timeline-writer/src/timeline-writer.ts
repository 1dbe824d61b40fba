import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, RecordingEntity } from '@rushes/database';
import {
  EventLog,
  PartitionRevokedError,
  topics,
  type LogRecord,
  type Subscription,
  type TopicPartition,
} from '@rushes/event-log';
import { ObjectStore } from '@rushes/object-store';
import { ConsumerLag, HealthRegistry, LOGGER, type Logger } from '@rushes/platform';
import { createEventParser, createReducer, type RecordingId } from '@rushes/timeline';
import { IsNull } from 'typeorm';
import { Mutex } from './intake/mutex.ts';
import { OpenWriters } from './intake/open-writers.ts';
import { PartitionProgress, partitionName } from './intake/partition-progress.ts';
import { asOutage, toPoison } from './intake/poison-error.ts';
import { TimelineWriterMetrics, type Outcome } from './metrics.ts';
import { TIMELINE_WRITER_OPTIONS, type TimelineWriterOptions } from './options.ts';
import type { RecordingWriter } from './recording-writer.ts';
import { StaleWriterError } from './storage/stale-writer-error.ts';

const group = 'timeline-writer';
/** What says that a track's row, which the manifest shows, is another. */
const changedTrackRows = new Set<string>(['rushes.track.segment-stored.v1', 'rushes.track.gaps-found.v1']);
const defaultFlushIntervalMs = 2_500;
/** A Meta event that no snapshot has followed for so long never gets one, milliseconds. */
const longestWaitMs = 30_000;
/** Taken and not written, of all recordings; beyond it no more is taken until some is written. */
const mostHeldBytes = 64 * 1024 * 1024;
/** Between tries to write some of it, milliseconds. */
const retryMs = 1_000;

/**
 * Turns the log into recordings at rest. Records are gathered per recording and written every few seconds: bytes, then rows,
 * then the manifest, then the consumer's checkpoint. A crash anywhere in between repeats work that recognises itself.
 */
@Injectable()
export class TimelineWriter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #progress = new PartitionProgress();
  readonly #mutex = new Mutex();
  readonly #writers: OpenWriters;
  readonly #flushIntervalMs: number;
  readonly #subscribed = Promise.withResolvers<Subscription>();
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitingSince: number | undefined;
  #round: Promise<void> = Promise.resolve();
  #finishing: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(
    @Inject(EventLog) private readonly eventLog: EventLog,
    @Inject(Database) private readonly database: Database,
    @Inject(ObjectStore) objectStore: ObjectStore,
    @Inject(TimelineWriterMetrics) private readonly metrics: TimelineWriterMetrics,
    @Inject(ConsumerLag) private readonly lag: ConsumerLag,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(TIMELINE_WRITER_OPTIONS) options: TimelineWriterOptions,
  ) {
    const { plugins = [], flushIntervalMs = defaultFlushIntervalMs } = options;
    this.#writers = new OpenWriters({
      database,
      objectStore,
      reducer: createReducer(plugins),
      parser: createEventParser(plugins),
    });
    this.#flushIntervalMs = flushIntervalMs;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#subscription = await this.eventLog.subscribe({
      group,
      topics: [topics.events, topics.dom],
      checkpoints: 'manual',
      onRecords: async (records) => {
        await this.#mutex.run(() => this.takeAll(records));
        await this.untilRoom();
      },
      onRevoked: (partitions) => this.#mutex.run(async () => this.drop(partitions)),
    });
    this.#subscribed.resolve(this.#subscription);
    this.lag.watch(group, this.#subscription);
    this.health.register('timeline-writer', async () => {
      await this.#subscription?.lag();
    });
    this.scheduleRound();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#round;
    await this.#finishing;
    // While the partitions are still this process's. What is handed over after it begins again elsewhere.
    await this.flush();
    await this.#subscription?.close();
  }

  /** Resolves when everything that is in the log now is stored, and recordings that are complete are `ready`. */
  async whenWritten(): Promise<void> {
    await this.#subscription?.whenCaughtUp();
    await this.flush();
    await this.finishEnded();
  }

  private scheduleRound(): void {
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#round = this.round().finally(() => this.scheduleRound());
    }, this.#flushIntervalMs);
    this.#timer.unref();
  }

  private async round(): Promise<void> {
    try {
      await this.flush();
      await this.#mutex.run(async () => this.#writers.forgetIdle());
    } catch (err) {
      if (!this.#closing.signal.aborted) this.logger.error({ err }, 'timeline round failed');
    }
    // Waits for the log to be read to its end, which may take long: what comes is written meanwhile.
    this.#finishing ??= this.finishEnded()
      .catch((err: unknown) => {
        if (!this.#closing.signal.aborted) this.logger.error({ err }, 'recordings that have ended were not completed');
      })
      .finally(() => (this.#finishing = undefined));
  }

  /** Resolves when what is held is little enough to take more. */
  private async untilRoom(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#writers.heldBytes > mostHeldBytes && !signal.aborted) {
      await this.flush().catch((err: unknown) => this.logger.error({ err }, 'timeline could not be written'));
      if (this.#writers.heldBytes > mostHeldBytes) await pause(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async takeAll(records: readonly LogRecord[]): Promise<void> {
    for (const record of records) {
      const outcome = await this.take(record);
      this.metrics.records.inc({ outcome });
      this.#progress.handed(record);
    }
  }

  /** Another process goes on with these partitions, from the checkpoint: what is not written yet is its work. */
  private drop(partitions: readonly TopicPartition[]): void {
    const names = partitions.map(partitionName);
    for (const name of names) this.#progress.forget(name);
    this.#writers.forgetFrom(partitions);
    this.logger.info({ partitions: names }, 'partitions given up, unwritten events dropped');
  }

  private async take(record: LogRecord): Promise<Outcome> {
    if (this.#progress.isSetAside(record)) return 'dead-lettered';
    try {
      const { recordingid: recordingId, type } = record.event;
      const writer = await this.#writers.of(recordingId);
      if (!writer) {
        this.logger.info({ recordingId }, 'record of a recording that is not there dropped');
        return 'dropped';
      }
      this.#writers.cameFrom(recordingId, record);
      if (changedTrackRows.has(type)) writer.invalidateManifest();
      return await writer.take(record.event);
    } catch (error) {
      const poison = toPoison(error);
      if (!poison) throw asOutage(error);
      const { topic, offset } = record;
      const recordingId = record.event.recordingid;
      this.logger.warn(
        { recordingId, topic, offset, code: poison.code, reason: poison.message },
        'record dead-lettered',
      );
      await (await this.#subscribed.promise).deadLetter(record, poison);
      this.#progress.setAside(record);
      return 'dead-lettered';
    }
  }

  /** Writes everything gathered, then checkpoints; a recording that fails holds the checkpoint, not the others. */
  private async flush(): Promise<void> {
    await this.#mutex.run(async () => {
      const dirty = this.#writers.all().filter((writer) => writer.isDirty);
      const stopTimer = dirty.length > 0 ? this.metrics.flushSeconds.startTimer() : undefined;
      const failures = (await Promise.all(dirty.map((writer) => this.flushOne(writer)))).filter((failed) => failed);
      stopTimer?.();
      if (failures.length === 0) await this.checkpoint();
    });
  }

  private async flushOne(writer: RecordingWriter): Promise<boolean> {
    const { recordingId } = writer;
    if (!this.#subscription?.owns(recordingId)) return true;
    try {
      if (!(await writer.flush())) {
        this.#writers.forget(recordingId);
        this.logger.info({ recordingId }, 'recording was deleted, its events are dropped');
      }
      return false;
    } catch (err) {
      await this.failed(writer, err, 'timeline could not be written, trying again');
      return true;
    }
  }

  /**
   * Another process may have written the recording: this one was taken for dead, or the other does not know yet that it was.
   * Whoever it is, what is stored has changed.
   */
  private async failed(writer: RecordingWriter, err: unknown, message: string): Promise<void> {
    this.logger.error({ err, recordingId: writer.recordingId }, message);
    if (!(err instanceof StaleWriterError)) return;
    try {
      await this.#writers.openAgain(writer);
    } catch (again) {
      this.logger.error({ err: again, recordingId: writer.recordingId }, 'recording could not be opened again');
    }
  }

  private async checkpoint(): Promise<void> {
    const waiting = this.#writers.all().filter((writer) => writer.isWaiting);
    this.#waitingSince = waiting.length === 0 ? undefined : (this.#waitingSince ?? performance.now());
    if (this.#waitingSince !== undefined) {
      if (performance.now() - this.#waitingSince < longestWaitMs || this.#closing.signal.aborted) return;
      for (const writer of waiting) writer.giveUpWaiting();
      this.#waitingSince = undefined;
    }
    await Promise.all(this.#progress.newest().map((record) => this.checkpointOne(record)));
  }

  private async checkpointOne(record: LogRecord): Promise<void> {
    try {
      await this.#subscription?.checkpoint(record);
    } catch (error) {
      // Whoever has it now finds in the chunks what is done.
      if (!(error instanceof PartitionRevokedError)) throw error;
    }
    this.#progress.settle(record);
  }

  /** Completes recordings that have ended, once the log is read to its end and their tracks are derived. */
  private async finishEnded(): Promise<void> {
    const ended = await this.database.dataSource
      .getRepository(RecordingEntity)
      .findBy({ status: 'processing', heldUntil: IsNull() });
    const own = ended.filter(({ recordingId }) => this.#subscription?.owns(recordingId));
    if (own.length === 0) return;
    for (const { recordingId } of own) if (!(await this.isCaughtUp(recordingId))) return;
    await this.flush();
    for (const { recordingId } of own) await this.#mutex.run(() => this.finishOne(recordingId));
  }

  /** Waits for it; false when the process ends first. */
  private async isCaughtUp(recordingId: RecordingId): Promise<boolean> {
    const { signal } = this.#closing;
    const done = new AbortController();
    const closing = once(signal, 'abort', { signal: done.signal }).catch(() => undefined);
    await Promise.race([this.#subscription?.whenCaughtUp(recordingId), closing]).finally(() => done.abort());
    return !signal.aborted;
  }

  private async finishOne(recordingId: RecordingId): Promise<void> {
    if (!this.#subscription?.owns(recordingId)) return;
    const writer = await this.#writers.of(recordingId);
    if (!writer || writer.isWaiting) return;
    try {
      if (await writer.finish()) this.logger.info({ recordingId }, 'recording ready');
    } catch (err) {
      await this.failed(writer, err, 'recording could not be completed, trying again');
    }
  }
}
