import {
  createReducer,
  type ChunkRef,
  type EventsChunk,
  type RoomReducer,
  type RoomState,
  type TimelinePlugin,
} from '@rushes/timeline';
import type { RecordingSource } from '../types.ts';
import { createChunkStore, type ChunkStore } from './chunk-store.ts';

/** The room's state at any instant: the chunk's snapshot and its events up to then. Going forward applies only what is new. */
export class RoomTimeline {
  readonly #store: ChunkStore<EventsChunk>;
  readonly #reducer: RoomReducer;
  #cursor: { chunk: EventsChunk; applied: number; state: RoomState; atMs: number } | undefined;

  constructor(options: { source: RecordingSource; plugins: readonly TimelinePlugin[] }) {
    this.#reducer = createReducer(options.plugins);
    this.#store = createChunkStore('events', options.source);
  }

  setChunks(refs: readonly ChunkRef[]): void {
    this.#store.setRefs(refs);
  }

  /** Loads what {@link stateAt} needs for `atMs`. @throws PlayerError */
  async prepare(atMs: number): Promise<void> {
    const ref = this.#store.refAt(atMs);
    if (ref) await this.#store.get(ref);
  }

  /** Starts loading the chunk after the one at `atMs`; a failure shows when that chunk is needed. */
  prefetchAfter(atMs: number): void {
    const ref = this.#store.refAt(atMs);
    const next = ref && this.#store.refAfter(ref);
    if (next) this.#store.get(next).catch(() => undefined);
  }

  /** Every event at or before `atMs` applied; undefined while its chunk is not loaded. */
  stateAt(atMs: number): RoomState | undefined {
    const ref = this.#store.refAt(atMs);
    if (!ref) return this.#reducer.initialState();
    const chunk = this.#store.peek(ref);
    if (!chunk) return undefined;
    let cursor = this.#cursor;
    if (!cursor || cursor.chunk !== chunk || cursor.atMs > atMs) {
      cursor = { chunk, applied: 0, state: chunk.snapshot, atMs };
    }
    const { events } = chunk;
    while (cursor.applied < events.length && events[cursor.applied]!.atMs <= atMs) {
      cursor.state = this.#reducer.apply(cursor.state, events[cursor.applied]!);
      cursor.applied++;
    }
    cursor.atMs = atMs;
    this.#cursor = cursor;
    return this.#reducer.settle(cursor.state, atMs);
  }
}
