import type { Database } from '@rushes/database';
import { resolveData, type ObjectStore } from '@rushes/object-store';
import {
  SeqRanges,
  unwrapEvent,
  type EventEnvelope,
  type EventParser,
  type Gap,
  type Manifest,
  type RecordingId,
  type RoomReducer,
  type RrwebEvent,
  type SurfaceId,
  type TimelineEvent,
} from '@rushes/timeline';
import { buildManifest } from './manifest/build-manifest.ts';
import { ChunkStore, type ChunkRow } from './storage/chunk-store.ts';
import { StoredRecording } from './storage/stored-recording.ts';
import { WriterEpoch } from './storage/writer-epoch.ts';
import { EventsStream } from './streams/events-stream.ts';
import { SurfaceStream } from './streams/surface-stream.ts';

export type RecordingWriterOptions = {
  database: Database;
  objectStore: ObjectStore;
  reducer: RoomReducer;
  parser: EventParser;
};

/**
 * One recording's timeline: takes its log records, once each, and turns them into chunks and a manifest. What is stored
 * is asked of the index when it is opened, so it goes on exactly where a killed process left off; nobody who opened it before can
 * change anything from then on.
 */
export class RecordingWriter {
  readonly #seen = new SeqRanges();
  readonly #surfaces = new Map<SurfaceId, SurfaceStream>();
  readonly #surfaceGaps = new Map<SurfaceId, Gap[]>();
  #events!: EventsStream;
  #reachedMs = 0;
  #endedAtMs: number | null = null;
  /** Taken, and perhaps in no chunk yet: what another writer of the same process has to take when this one has become stale. */
  #unwritten: EventEnvelope[] = [];
  #heldBytes = 0;
  #hasFailed = false;
  /** Something that the manifest tells has changed; true at first, for a killed process may not have written it. */
  #isManifestStale = true;
  /** For whoever drops writers that have nothing to do. */
  touchedAt = 0;

  private constructor(
    private readonly epoch: WriterEpoch,
    private readonly store: ChunkStore,
    private readonly stored: StoredRecording,
    private readonly options: RecordingWriterOptions,
  ) {}

  /** undefined when there is no such recording (any more). */
  static async open(recordingId: RecordingId, options: RecordingWriterOptions): Promise<RecordingWriter | undefined> {
    const { database, objectStore, reducer } = options;
    const epoch = await WriterEpoch.take(recordingId, database);
    if (!epoch) return undefined;
    const stored = new StoredRecording(epoch, database, objectStore);
    const row = await stored.row();
    if (!row) return undefined;
    const store = new ChunkStore(epoch, objectStore, database);
    const writer = new RecordingWriter(epoch, store, stored, options);
    const rows = await store.indexed();
    writer.#endedAtMs = row.endedAtMs;
    for (const each of rows) {
      writer.#seen.addAll(each.seqRanges);
      writer.#reachedMs = Math.max(writer.#reachedMs, each.endMs);
    }
    const events = rows.filter((each) => each.stream === 'events');
    writer.#events = await EventsStream.load(store, reducer, events, (event) => writer.noteGap(event));
    for (const [surface, chunks] of Map.groupBy(rows, (each) => each.surface)) {
      if (surface !== '') writer.#surfaces.set(surface, new SurfaceStream(store, surface, chunks));
    }
    return writer;
  }

  get recordingId(): RecordingId {
    return this.store.recordingId;
  }

  get isDirty(): boolean {
    return this.#isManifestStale || this.#events.isDirty || [...this.#surfaces.values()].some((each) => each.isDirty);
  }

  /** Whether something is held that cannot be flushed yet. */
  get isWaiting(): boolean {
    return [...this.#surfaces.values()].some((surface) => surface.isWaiting);
  }

  /** Of what was taken since the last flush that succeeded, as JSON. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** In the order in which they were taken. */
  get unwritten(): readonly EventEnvelope[] {
    return this.#unwritten;
  }

  /**
   * Takes a record in, to be stored by the next {@link flush}.
   * @throws PoisonError when nobody could ever take it; anything else may pass when tried again
   */
  async take(envelope: EventEnvelope): Promise<'recorded' | 'duplicate'> {
    if (this.#seen.has(envelope)) return 'duplicate';
    const event = this.parse(await resolveData(this.options.objectStore, envelope));
    const { source, seq } = envelope;
    const sizeBytes = JSON.stringify(event.data).length;
    if (event.type === 'rushes.dom.recorded.v1') {
      const { surface, event: rrwebEvent } = event.data;
      await this.surface(surface).add(event.atMs, rrwebEvent as RrwebEvent, { source, seq }, sizeBytes);
    } else {
      await this.#events.add(event, { source, seq });
      this.noteGap(event);
      if (event.type === 'rushes.recording.ended.v1') this.#endedAtMs ??= event.atMs;
    }
    this.#reachedMs = Math.max(this.#reachedMs, event.atMs);
    this.#isManifestStale = true;
    this.#seen.add(envelope);
    this.#unwritten.push(envelope);
    this.#heldBytes += sizeBytes;
    return 'recorded';
  }

  giveUpWaiting(): void {
    for (const surface of this.#surfaces.values()) surface.giveUpWaiting();
    this.forgetWritten();
  }

  /** The tracks' rows have changed. */
  invalidateManifest(): void {
    this.#isManifestStale = true;
  }

  /**
   * Writes what is new: bytes, then rows, then the manifest. Returns false when the recording was deleted meanwhile; then nothing
   * is written.
   * @throws StaleWriterError when it was opened again, here or elsewhere
   */
  async flush(): Promise<boolean> {
    const row = await this.stored.row();
    if (!row) return false;
    if (this.#hasFailed) await this.epoch.renew();
    this.#hasFailed = true;
    await this.#events.flush(this.#reachedMs);
    for (const surface of this.#surfaces.values()) await surface.flush();
    this.#hasFailed = false;
    this.#heldBytes = 0;
    this.forgetWritten();
    if (this.#isManifestStale) await this.writeManifest(row.status);
    return true;
  }

  /**
   * When everything that was taken is written and no track's file is still to come: writes the final manifest and marks the recording
   * `ready`.
   * @throws StaleWriterError
   */
  async finish(): Promise<boolean> {
    if (this.#unwritten.length > 0) return false;
    if (!(await this.stored.hasAllTracks())) return false;
    await this.writeManifest('ready');
    await this.store.deleteUnindexed();
    await this.stored.markReady();
    return true;
  }

  /** All is in chunks but what waits for another event. */
  private forgetWritten(): void {
    const surfaces = [...this.#surfaces.values()];
    this.#unwritten = this.#unwritten.filter((envelope) => surfaces.some((surface) => surface.isHeld(envelope)));
  }

  private async writeManifest(status: Manifest['status']): Promise<void> {
    const recording = await this.stored.row();
    if (!recording) return;
    this.#endedAtMs ??= recording.endedAtMs;
    const chunks: ChunkRow[] = await this.store.indexed();
    const tracks = await this.stored.tracks();
    const { state } = this.#events;
    const manifest = buildManifest({
      recording,
      status,
      chunks,
      tracks,
      state,
      surfaceGaps: this.#surfaceGaps,
      reachedMs: this.#reachedMs,
    });
    await this.stored.writeManifest(manifest);
    this.#isManifestStale = false;
  }

  private parse(envelope: EventEnvelope): TimelineEvent {
    const event = unwrapEvent(envelope);
    const atMs = this.#endedAtMs === null ? event.atMs : Math.min(event.atMs, this.#endedAtMs);
    return this.options.parser.parse({ ...event, atMs });
  }

  private surface(surface: SurfaceId): SurfaceStream {
    let stream = this.#surfaces.get(surface);
    if (!stream) this.#surfaces.set(surface, (stream = new SurfaceStream(this.store, surface, [])));
    return stream;
  }

  private noteGap(event: TimelineEvent): void {
    if (event.type !== 'rushes.dom.gap-noted.v1') return;
    const { surface, fromMs, toMs, reason } = event.data;
    this.#surfaceGaps.set(surface, [...(this.#surfaceGaps.get(surface) ?? []), { fromMs, toMs, reason }]);
  }
}
