import { join } from 'node:path';
import type { EventEmitter } from 'node:events';
import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap, OnModuleInit } from '@nestjs/common';
import { Database } from '@rushes/database';
import { ObjectStore } from '@rushes/object-store';
import { CONFIG, EventPublishers, HealthRegistry, keepTrying, LOGGER, Metrics } from '@rushes/platform';
import type { Config, Logger } from '@rushes/platform';
import { DerivationJobs } from './derivation/derivation-jobs.ts';
import { TrackDeriver } from './derivation/track-deriver.ts';
import type { ProducerOpened, RecorderEventMap } from './recorder-events.ts';
import { registerMetrics } from './recorder-metrics.ts';
import { recordProducer } from './record-producer.ts';
import { AbandonedTracks } from './recovery/abandoned-tracks.ts';
import { PacketDropper } from './retention/packet-dropper.ts';
import { PacketRows } from './retention/packet-rows.ts';
import { RetentionJobs } from './retention/retention-jobs.ts';
import { closeNotes, recoverSpool } from './spool/recover-spool.ts';
import type { LeftoverTrack } from './spool/recover-spool.ts';
import { lockSpool } from './spool/lock-spool.ts';
import { Spool } from './spool/spool.ts';
import { trackFolder } from './spool/spool-paths.ts';
import type { OpenTrack } from './track/open-track.ts';
import { recordedTrackName } from './track/recorded-track.ts';
import type { RecordedTrack } from './track/recorded-track.ts';
import { TrackFinisher } from './track/track-finisher.ts';
import { TrackAnnouncer } from './track/track-announcer.ts';
import { TrackRows } from './track/track-rows.ts';

type RunningTrack = { track: RecordedTrack; recording: Promise<OpenTrack | undefined> };

/** How long an ending process waits for the object store. Milliseconds. */
const shutdownMs = 10_000;

/**
 * Records the tracks of the rooms in this process, and derives files from what any recorder has stored. On start it first
 * closes what a killed process left in the spool.
 */
@Injectable()
export class RecorderService implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly spool: Spool;
  private readonly rows: TrackRows;
  private readonly jobs: DerivationJobs;
  private readonly retention: RetentionJobs;
  private readonly finisher: TrackFinisher;
  private readonly abandoned: AbandonedTracks;
  /** By {@link recordedTrackName}. */
  private readonly running = new Map<string, RunningTrack>();
  /** Tracks that have ended and are on their way to the object store. */
  private readonly finishing = new Map<Promise<void>, RecordedTrack>();
  private readonly connected: EventEmitter<RecorderEventMap>[] = [];
  /** Gives the spool's folder back; undefined while this process does not hold it. */
  private unlockSpool: (() => Promise<void>) | undefined;

  constructor(
    @Inject(Database) database: Database,
    @Inject(ObjectStore) store: ObjectStore,
    @Inject(EventPublishers) publishers: EventPublishers,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
    @Inject(Metrics) metrics: Metrics,
    @Inject(CONFIG) config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.rows = new TrackRows(database);
    this.spool = new Spool({
      folder: join(config.dataDir, 'spool'),
      store,
      limitBytes: config.spoolLimitBytes,
      onStored: async (piece, key) => ((await this.rows.addObject(piece, key)) ? 'kept' : 'unwanted'),
      onError: (err, facts) => logger.error({ err, ...facts }, 'packets could not be stored'),
      onFull: (isFull, waitingBytes) => this.sayFull(isFull, waitingBytes),
      onDiskFailing: () => this.tellRooms(),
    });
    const publisher = publishers.create('recorder');
    const deriver = new TrackDeriver({ store, rows: this.rows, publisher, logger });
    this.jobs = new DerivationJobs({ database, rows: this.rows, deriver, logger });
    const packets = new PacketRows(database);
    const dropper = new PacketDropper({ store, rows: packets, deriver, logger });
    this.retention = new RetentionJobs({ database, rows: packets, dropper, logger, policy: config.rawPackets });
    this.finisher = new TrackFinisher(this.rows, this.jobs);
    this.abandoned = new AbandonedTracks({
      ...{
        store,
        rows: this.rows,
        jobs: this.jobs,
        logger,
        announcer: new TrackAnnouncer({ publisher, rows: this.rows }),
      },
      held: () => [...Array.from(this.running.values(), ({ track }) => track), ...this.finishing.values()],
      graceMs: config.recorderGraceMs,
    });
    registerMetrics(metrics, { tracks: () => this.running.size, spool: this.spool });
  }

  /** Records whatever the rooms of this process say is to be recorded, and tells them when media is lost. */
  connect(events: EventEmitter<RecorderEventMap>): void {
    this.connected.push(events);
    events.on('producer-opened', (opened) => this.start(opened));
    events.on('producer-closed', ({ atMs, ...track }) => this.stop(track, atMs));
    events.on('producer-paused', ({ atMs, reason, ...track }) =>
      this.inOrder(track, (recording) => recording.note({ kind: 'paused', atMs, reason })),
    );
    events.on('producer-resumed', ({ atMs, ...track }) =>
      this.inOrder(track, (recording) => recording.note({ kind: 'resumed', atMs })),
    );
  }

  /** Has a track that writes to {@link spool} noted, stored and derived, as those of rooms. */
  take(track: OpenTrack): void {
    this.run(track.recordedTrack, Promise.resolve(track));
  }

  isRunning(track: RecordedTrack): boolean {
    return this.running.has(recordedTrackName(track));
  }

  /** Whether this process records the track, or has it on the way to the object store. */
  holds(track: RecordedTrack): boolean {
    const name = recordedTrackName(track);
    return this.isRunning(track) || [...this.finishing.values()].some((each) => recordedTrackName(each) === name);
  }

  /**
   * Before anything of a former process is taken over: it may live.
   * @throws FolderLockedError when another recorder uses the spool's folder
   */
  async onModuleInit(): Promise<void> {
    this.unlockSpool = await lockSpool(this.spool.folder);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.health.register('recorder-spool', async () => this.spool.check());
    // A meeting goes on without the object store, into the spool; elsewhere it could not go on at all.
    this.health.tolerate('recorder-spool', 'object-store');
    await this.jobs.start();
    await this.recover();
    this.abandoned.start();
    await this.retention.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const { track } of [...this.running.values()]) this.stop(track);
    const timeout = setTimeout(() => this.spool.stop(), shutdownMs);
    await this.whenIdle();
    clearTimeout(timeout);
    this.spool.stop();
    await this.abandoned.stop();
    await this.jobs.stop();
    await this.retention.stop();
    await this.unlockSpool?.();
  }

  /** Resolves when no track is running or on its way to the object store. */
  async whenIdle(): Promise<void> {
    while (this.running.size > 0 || this.finishing.size > 0) {
      const begun = Array.from(this.running.values(), ({ recording }) => recording);
      await Promise.all([...begun, ...this.finishing.keys()]);
    }
  }

  /** Closes what a killed process left in the spool, and stores it; done at start. */
  async recover(): Promise<void> {
    const leftovers = await recoverSpool(this.spool.folder, {
      isRunning: (track) => this.isRunning(track),
      onUnreadable: (path, err) => this.logger.error({ err, path }, 'leftover in the spool cannot be read'),
    });
    for (const leftover of leftovers) {
      const finished = this.recoverTrack(leftover)
        .catch((err: unknown) => this.logger.error({ err, ...leftover.about }, 'leftover track could not be closed'))
        .finally(() => this.finishing.delete(finished));
      this.finishing.set(finished, leftover.about);
    }
  }

  private start(opened: ProducerOpened): void {
    const { router, producer, recordingId, trackId } = opened;
    const track = { recordingId, trackId };
    if (this.isRunning(track)) return;
    const recording = recordProducer(router, producer, { ...opened, spool: this.spool }).catch((err: unknown) => {
      // A producer that is gone before it could be recorded; anything else is worth knowing too.
      this.logger.error({ err, ...track }, 'track could not be recorded');
      this.running.delete(recordedTrackName(track));
      return undefined;
    });
    this.run(track, recording);
  }

  private run(track: RecordedTrack, recording: Promise<OpenTrack | undefined>): void {
    this.running.set(recordedTrackName(track), { track, recording });
    this.inOrder(track, async ({ header }) => {
      await this.untilDone(() => this.rows.begin(track.recordingId, header));
      this.logger.info({ ...track, codec: header.codec, source: header.source }, 'track recording');
    });
    void recording.then((started) => started?.whenClosed().then(() => this.stop(track)));
  }

  private stop(track: RecordedTrack, atMs?: number): void {
    const name = recordedTrackName(track);
    const running = this.running.get(name);
    if (!running) return;
    const finished = running.recording
      .then((started) => started && this.finish(started, atMs))
      .catch((err: unknown) => this.logger.error({ err, ...running.track }, 'track could not be closed'))
      .finally(() => this.finishing.delete(finished));
    this.running.delete(name);
    this.finishing.set(finished, running.track);
  }

  /** Runs when the track's recording has begun. */
  private inOrder(track: RecordedTrack, task: (recording: OpenTrack) => void | Promise<void>): void {
    this.running
      .get(recordedTrackName(track))
      ?.recording.then((recording) => recording && task(recording))
      .catch((err: unknown) => this.logger.error({ err, ...track }, 'track note could not be kept'));
  }

  private async recoverTrack(leftover: LeftoverTrack): Promise<void> {
    const { about, pieces, path } = leftover;
    const storedMs = await this.untilDone(async () => {
      await this.rows.begin(about.recordingId, leftover.notes.header);
      return this.rows.lastStoredMs(about);
    });
    const endMs = Math.max(leftover.notes.header.startMs, storedMs, ...pieces.map(({ lastMs }) => lastMs));
    await closeNotes(leftover, endMs);
    const stored = [
      this.spool.storeNotes(about, join(path, 'notes.ndjson')),
      ...pieces.map((piece) => this.spool.storePiece(piece)),
    ];
    const isStored = (await Promise.all(stored)).every(Boolean);
    this.logger.warn({ ...about, pieces: pieces.length, endMs }, 'closed a track that a killed process left');
    if (isStored) await this.untilDone(() => this.finisher.settle(about, endMs, path));
  }

  /** When the object store cannot be reached until the process ends, the next process finishes the track. */
  private async finish(recording: OpenTrack, atMs: number | undefined): Promise<void> {
    const { endMs, stored } = await recording.close(atMs);
    if (!(await stored)) return;
    await this.untilDone(() =>
      this.finisher.settle(recording.recordedTrack, endMs, trackFolder(this.spool.folder, recording.recordedTrack)),
    );
  }

  /** Until the database is back, or the process ends: then the next one does it. */
  private untilDone<T>(task: () => Promise<T>): Promise<T> {
    const onRetry = (err: unknown): void => this.logger.error({ err }, 'a track could not be noted, trying again');
    return keepTrying(task, { signal: this.spool.signal, onRetry });
  }

  private sayFull(isFull: boolean, waitingBytes: number): void {
    const facts = { waitingBytes, limitBytes: this.spool.limitBytes };
    if (isFull) this.logger.fatal(facts, 'the spool is full: packets are dropped until the object store takes some');
    else this.logger.warn(facts, 'the spool has room again: packets are taken');
    this.tellRooms();
  }

  private tellRooms(): void {
    const { isFull, isDiskFailing } = this.spool;
    const reason = isDiskFailing ? 'disk-failing' : isFull ? 'spool-full' : null;
    for (const events of this.connected) events.emit('media-lost', { reason });
  }
}
