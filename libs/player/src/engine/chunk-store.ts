import type { Chunk, ChunkRef } from '@rushes/timeline';
import { PlayerError } from '../player-error.ts';
import type { RecordingSource } from '../types.ts';
import { lastIndexAtOrBefore } from './find-index.ts';

/** Chunks of one stream that are held: the one that shows and its neighbours. */
const heldChunks = 3;

/**
 * One stream's chunks, of which the `capacity` last used are held. A chunk is found by binary search and loaded alone,
 * so that an instant in a long recording costs what it costs in a short one.
 */
export class ChunkStore<C extends Chunk> {
  readonly #held = new Map<string, C>();
  readonly #loading = new Map<string, Promise<C>>();
  #refs: readonly ChunkRef[] = [];

  constructor(
    readonly load: (ref: ChunkRef) => Promise<C>,
    readonly capacity: number,
  ) {}

  /** Chunks never change; a running recording only gets more of them. */
  setRefs(refs: readonly ChunkRef[]): void {
    this.#refs = refs;
  }

  /** The chunk that covers `atMs`, or the last one before it; undefined when the stream starts later. */
  refAt(atMs: number): ChunkRef | undefined {
    return this.#refs[lastIndexAtOrBefore(this.#refs, atMs, (ref) => ref.startMs)];
  }

  refAfter(ref: ChunkRef): ChunkRef | undefined {
    return this.#refs[lastIndexAtOrBefore(this.#refs, ref.startMs, (other) => other.startMs) + 1];
  }

  /** The chunk if it is held. */
  peek(ref: ChunkRef): C | undefined {
    const chunk = this.#held.get(ref.key);
    if (chunk) this.#hold(ref.key, chunk);
    return chunk;
  }

  async get(ref: ChunkRef): Promise<C> {
    const held = this.peek(ref);
    if (held) return held;
    let loading = this.#loading.get(ref.key);
    if (!loading) {
      loading = this.load(ref).finally(() => this.#loading.delete(ref.key));
      this.#loading.set(ref.key, loading);
    }
    const chunk = await loading;
    this.#hold(ref.key, chunk);
    return chunk;
  }

  get heldCount(): number {
    return this.#held.size;
  }

  /** Moves the chunk to the young end and lets the oldest go. */
  #hold(key: string, chunk: C): void {
    this.#held.delete(key);
    this.#held.set(key, chunk);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= this.capacity) break;
      this.#held.delete(oldest);
    }
  }
}

/** Chunks of one kind out of a recording. Loading one of another kind throws PlayerError `recording-invalid`. */
export function createChunkStore<K extends Chunk['kind']>(
  kind: K,
  source: RecordingSource,
): ChunkStore<Extract<Chunk, { kind: K }>> {
  return new ChunkStore(async (ref) => {
    const chunk = await source.loadChunk(ref);
    if (isOfKind(chunk, kind)) return chunk;
    throw new PlayerError(
      'recording-invalid',
      `${ref.key}: expected a chunk of kind "${kind}", got one of "${chunk.kind}"`,
      false,
    );
  }, heldChunks);
}

function isOfKind<K extends Chunk['kind']>(chunk: Chunk, kind: K): chunk is Extract<Chunk, { kind: K }> {
  return chunk.kind === kind;
}
