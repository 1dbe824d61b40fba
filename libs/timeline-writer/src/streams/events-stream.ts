import { SeqRanges, type RoomReducer, type RoomState, type TimelineEvent } from '@rushes/timeline';
import type { ChunkRow, ChunkStore } from '../storage/chunk-store.ts';
import { insertByTime } from './insert-by-time.ts';

export type Position = { source: string; seq: number };

/** A chunk in memory. `state` is that after its last event; undefined when it has to be made anew. */
type OpenChunk = {
  startMs: number;
  snapshot: RoomState;
  state: RoomState | undefined;
  events: TimelineEvent[];
  seqRanges: SeqRanges;
  isDirty: boolean;
};

/** Chunks begin at multiples of this, milliseconds, … */
const spanMs = 60_000;
/** … or earlier when events come thick. */
const mostEvents = 4_000;
/** Chunks kept in memory: senders interleave, so the one before the last still gets events now and then. */
const keptChunks = 2;

/**
 * The interactive events of one recording, as chunks in a row:
 *
 *     timeline/events/0000000000-1.ndjson.gz   [0, 60 s), by the recording's first writer
 *     timeline/events/0000060000-2.ndjson.gz   the last one, by the second: written again, under the same key, whenever events were added
 *
 * An event goes where its time says, also into an old chunk (sent again after an outage); the snapshots of all later chunks
 * are then made anew. Chunks are written last to first: only the chunk that holds an event says that it is stored, so
 * a crash in between repeats the whole.
 */
export class EventsStream {
  /** Stored chunks that are not in memory, before those that are. */
  #stored: ChunkRow[];
  #open: OpenChunk[] = [];

  private constructor(
    private readonly store: ChunkStore,
    private readonly reducer: RoomReducer,
    rows: readonly ChunkRow[],
  ) {
    this.#stored = [...rows];
  }

  /** Goes on where the stored chunks end. `onStored` sees every stored event, for what is kept beside the chunks. */
  static async load(
    store: ChunkStore,
    reducer: RoomReducer,
    rows: readonly ChunkRow[],
    onStored: (event: TimelineEvent) => void,
  ): Promise<EventsStream> {
    const stream = new EventsStream(store, reducer, rows);
    for (const row of rows.slice(0, -1)) (await stream.read(row)).events.forEach(onStored);
    if (rows.length > 0) await stream.reopen();
    else stream.openNew(0, reducer.initialState());
    stream.last.events.forEach(onStored);
    return stream;
  }

  get isDirty(): boolean {
    return this.#open.some((chunk) => chunk.isDirty);
  }

  /** The room after everything taken so far. */
  get state(): RoomState {
    this.refresh();
    return this.last.state!;
  }

  async add(event: TimelineEvent, position: Position): Promise<void> {
    while (event.atMs < this.#open[0]!.startMs && this.#stored.length > 0) await this.reopen();
    if (this.needsNewChunk(event)) {
      const minuteMs = Math.floor(event.atMs / spanMs) * spanMs;
      this.openNew(minuteMs > this.last.startMs ? minuteMs : event.atMs, this.state);
    }
    const index = Math.max(
      0,
      this.#open.findLastIndex((chunk) => chunk.startMs <= event.atMs),
    );
    const chunk = this.#open[index]!;
    chunk.isDirty = true;
    // The object may hold it already although its row does not say so.
    if (!chunk.seqRanges.add(position)) return;
    const isLast = insertByTime(chunk.events, event) === chunk.events.length - 1;
    chunk.state = isLast && chunk.state ? this.reducer.apply(chunk.state, event) : undefined;
    for (const later of this.#open.slice(index + 1)) {
      later.state = undefined;
      later.isDirty = true;
    }
  }

  /** Writes what is new. @param reachedMs how far the recording is known, on its clock */
  async flush(reachedMs: number): Promise<void> {
    this.refresh();
    for (let index = this.#open.length - 1; index >= 0; index--) {
      const chunk = this.#open[index]!;
      if (!chunk.isDirty) continue;
      const endMs =
        this.#open[index + 1]?.startMs ?? Math.max(reachedMs, chunk.startMs, chunk.events.at(-1)?.atMs ?? 0);
      await this.write(chunk, endMs);
      chunk.isDirty = false;
    }
    await this.forgetOld();
  }

  private get last(): OpenChunk {
    return this.#open.at(-1)!;
  }

  private needsNewChunk(event: TimelineEvent): boolean {
    const { startMs, events } = this.last;
    if (event.atMs >= (Math.floor(startMs / spanMs) + 1) * spanMs) return true;
    return events.length >= mostEvents && event.atMs > events.at(-1)!.atMs;
  }

  private openNew(startMs: number, snapshot: RoomState): void {
    this.#open.push({ startMs, snapshot, state: snapshot, events: [], seqRanges: new SeqRanges(), isDirty: true });
  }

  /** Brings the latest chunk that is not in memory back. */
  private async reopen(): Promise<void> {
    const { startMs, snapshot, events, seqRanges } = await this.read(this.#stored.at(-1)!);
    this.#stored.pop();
    const chunk = { startMs, snapshot, state: undefined, events, seqRanges: new SeqRanges(seqRanges), isDirty: false };
    this.#open.unshift(chunk);
  }

  /** Makes states and snapshots anew from the first chunk that changed. */
  private refresh(): void {
    for (const [index, chunk] of this.#open.entries()) {
      const before = this.#open[index - 1]?.state;
      if (before && chunk.state === undefined) chunk.snapshot = before;
      chunk.state ??= chunk.events.reduce((state, event) => this.reducer.apply(state, event), chunk.snapshot);
    }
  }

  /** The rows of chunks that leave memory are read from the index when they are needed again. */
  private async forgetOld(): Promise<void> {
    const count = this.#open.length - keptChunks;
    if (count <= 0) return;
    this.#stored.push(...(await this.store.rowsOfEvents(this.#open.slice(0, count).map((chunk) => chunk.startMs))));
    this.#open = this.#open.slice(count);
  }

  private async read(row: ChunkRow) {
    const chunk = await this.store.read(row.key);
    if (chunk.kind !== 'events') throw new TypeError(`${row.key}: expected an events chunk, got ${chunk.kind}`);
    return chunk;
  }

  private async write({ startMs, snapshot, events, seqRanges }: OpenChunk, endMs: number): Promise<void> {
    await this.store.write({
      kind: 'events',
      version: 1,
      recordingId: this.store.recordingId,
      startMs,
      endMs,
      seqRanges: seqRanges.toJSON(),
      snapshot,
      events,
    });
  }
}
