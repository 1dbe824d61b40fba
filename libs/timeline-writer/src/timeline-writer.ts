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
import { toPoison } from './intake/poison-error.ts';
import { TimelineWriterMetrics, type Outcome } from './metrics.ts';
import { TIMELINE_WRITER_OPTIONS, type TimelineWriterOptions } from './options.ts';
import { RecordingWriter, type RecordingWriterOptions } from './recording-writer.ts';
import { StaleWriterError } from './storage/stale-writer-error.ts';

const group = 'timeline-writer';
/** What says that a track's row, which the manifest shows, is another. */
const changedTrackRows = new Set<string>(['rushes.track.segment-stored.v1', 'rushes.track.gaps-found.v1']);
const defaultFlushIntervalMs = 2_500;
/** A Meta event that no snapshot has followed for so long never gets one, milliseconds. */
const longestWaitMs = 30_000;
/** Writers of recordings that nothing came for are dropped from memory, milliseconds. */
const idleMs = 120_000;

/**
 * Turns the log into recordings at rest. Records are gathered per recording and written every few seconds: bytes, then rows,
 * then the manifest, then the consumer's checkpoint. A crash anywhere in between repeats work that recognises itself.
 */
@Injectable()
export class TimelineWriter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #writers = new Map<RecordingId, RecordingWriter>();
  /** The newest record handed over in each partition, since the last checkpoint. */
  readonly #handed = new Map<string, LogRecord>();
  readonly #mutex = new Mutex();
  /** Partitions that a writer's records came from. */
  readonly #homes = new Map<RecordingId, Set<string>>();
  readonly #writerOptions: RecordingWriterOptions;
  readonly #flushIntervalMs: number;
  readonly #subscribed = Promise.withResolvers<Subscription>();
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitingSince: number | undefined;
  #round: Promise<void> = Promise.resolve();
  #isClosing = false;

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
    this.#writerOptions = {
      database,
      objectStore,
      reducer: createReducer(plugins),
      parser: createEventParser(plugins),
    };
    this.#flushIntervalMs = flushIntervalMs;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#subscription = await this.eventLog.subscribe({
      group,
      topics: [topics.events, topics.dom],
      checkpoints: 'manual',
      onRecords: (records) => this.#mutex.run(() => this.takeAll(records)),
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
    this.#isClosing = true;
    clearTimeout(this.#timer);
    await this.#round;
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
    if (this.#isClosing) return;
    this.#timer = setTimeout(() => {
      this.#round = this.round().finally(() => this.scheduleRound());
    }, this.#flushIntervalMs);
    this.#timer.unref();
  }

  private async round(): Promise<void> {
    try {
      await this.flush();
      await this.finishEnded();
      await this.#mutex.run(async () => this.dropIdle());
    } catch (err) {
      if (!this.#isClosing) this.logger.error({ err }, 'timeline round failed');
    }
  }

  private async takeAll(records: readonly LogRecord[]): Promise<void> {
    for (const record of records) {
      const outcome = await this.take(record);
      this.metrics.records.inc({ outcome });
      this.#handed.set(nameOf(record), record);
    }
  }

  /** Another process goes on with these partitions, from the checkpoint: what is not written yet is its work. */
  private drop(partitions: readonly TopicPartition[]): void {
    const names = partitions.map(nameOf);
    for (const name of names) this.#handed.delete(name);
    for (const [recordingId, homes] of this.#homes) if (names.some((name) => homes.has(name))) this.forget(recordingId);
    this.logger.info({ partitions: names }, 'partitions given up, unwritten events dropped');
  }

  private forget(recordingId: RecordingId): void {
    this.#writers.delete(recordingId);
    this.#homes.delete(recordingId);
  }

  private async take(record: LogRecord): Promise<Outcome> {
    try {
      const { recordingid: recordingId, type } = record.event;
      const writer = await this.writerOf(recordingId);
      if (!writer) return 'dropped';
      this.#homes.set(recordingId, (this.#homes.get(recordingId) ?? new Set()).add(nameOf(record)));
      if (changedTrackRows.has(type)) writer.invalidateManifest();
      return await writer.take(record.event);
    } catch (error) {
      const poison = toPoison(error);
      if (!poison) throw error;
      const { topic, offset } = record;
      const recordingId = record.event.recordingid;
      this.logger.warn(
        { recordingId, topic, offset, code: poison.code, reason: poison.message },
        'record dead-lettered',
      );
      await (await this.#subscribed.promise).deadLetter(record, poison);
      return 'dead-lettered';
    }
  }

  private async writerOf(recordingId: RecordingId): Promise<RecordingWriter | undefined> {
    let writer = this.#writers.get(recordingId);
    if (!writer) {
      writer = await RecordingWriter.open(recordingId, this.#writerOptions);
      if (writer) this.#writers.set(recordingId, writer);
      else this.logger.info({ recordingId }, 'record of a recording that is not there dropped');
    }
    if (writer) writer.touchedAt = performance.now();
    return writer;
  }

  /** Writes everything gathered, then checkpoints; a recording that fails holds the checkpoint, not the others. */
  private async flush(): Promise<void> {
    await this.#mutex.run(async () => {
      const dirty = [...this.#writers.values()].filter((writer) => writer.isDirty);
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
        this.forget(recordingId);
        this.logger.info({ recordingId }, 'recording was deleted, its events are dropped');
      }
      return false;
    } catch (err) {
      await this.failed(writer, err, 'timeline could not be written, trying again');
      return true;
    }
  }

  private async failed(writer: RecordingWriter, err: unknown, message: string): Promise<void> {
    this.logger.error({ err, recordingId: writer.recordingId }, message);
    if (!(err instanceof StaleWriterError)) return;
    try {
      await this.openAgain(writer);
    } catch (again) {
      this.logger.error({ err: again, recordingId: writer.recordingId }, 'recording could not be opened again');
    }
  }

  /**
   * Another process has written this recording: it may have been taken for dead, or be one that does not know yet that it was.
   * Whoever it is, what is stored has changed; what this one holds is taken once more on top of it.
   */
  private async openAgain({ recordingId, unwritten }: RecordingWriter): Promise<void> {
    const writer = await RecordingWriter.open(recordingId, this.#writerOptions);
    if (!writer) return this.forget(recordingId);
    for (const envelope of unwritten) await writer.take(envelope);
    // Not before it has everything: what fails here begins again with the one that is stale.
    writer.touchedAt = performance.now();
    this.#writers.set(recordingId, writer);
  }

  private async checkpoint(): Promise<void> {
    const waiting = [...this.#writers.values()].filter((writer) => writer.isWaiting);
    this.#waitingSince = waiting.length === 0 ? undefined : (this.#waitingSince ?? performance.now());
    if (this.#waitingSince !== undefined) {
      if (performance.now() - this.#waitingSince < longestWaitMs && !this.#isClosing) return;
      if (this.#isClosing) return;
      for (const writer of waiting) writer.giveUpWaiting();
      this.#waitingSince = undefined;
    }
    await Promise.all([...this.#handed].map(([partition, record]) => this.checkpointOne(partition, record)));
  }

  private async checkpointOne(partition: string, record: LogRecord): Promise<void> {
    try {
      await this.#subscription?.checkpoint(record);
    } catch (error) {
      // Whoever has it now finds in the chunks what is done.
      if (!(error instanceof PartitionRevokedError)) throw error;
    }
    if (this.#handed.get(partition) === record) this.#handed.delete(partition);
  }

  /** Completes recordings that have ended, once the log is read to its end and their tracks are derived. */
  private async finishEnded(): Promise<void> {
    const ended = await this.database.dataSource
      .getRepository(RecordingEntity)
      .findBy({ status: 'processing', heldUntil: IsNull() });
    const own = ended.filter(({ recordingId }) => this.#subscription?.owns(recordingId));
    if (own.length === 0) return;
    for (const { recordingId } of own) await this.#subscription?.whenCaughtUp(recordingId);
    await this.flush();
    for (const { recordingId } of own) await this.#mutex.run(() => this.finishOne(recordingId));
  }

  private async finishOne(recordingId: RecordingId): Promise<void> {
    if (!this.#subscription?.owns(recordingId)) return;
    const writer = await this.writerOf(recordingId);
    if (!writer || writer.isWaiting) return;
    try {
      if (await writer.finish()) this.logger.info({ recordingId }, 'recording ready');
    } catch (err) {
      await this.failed(writer, err, 'recording could not be completed, trying again');
    }
  }

  private dropIdle(): void {
    const nowMs = performance.now();
    for (const [recordingId, writer] of this.#writers) {
      if (!writer.isDirty && !writer.isWaiting && nowMs - writer.touchedAt > idleMs) this.forget(recordingId);
    }
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
