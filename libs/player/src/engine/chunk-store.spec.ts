import { describe, expect, it } from 'vitest';
import type { ChunkRef, DomChunk } from '@rushes/timeline';
import { ChunkStore } from './chunk-store.ts';

const refs: ChunkRef[] = [0, 10, 20, 35, 50].map((startMs) => ({
  key: `c${startMs}`,
  startMs,
  endMs: startMs + 10,
  sizeBytes: 1,
  eventCount: 2,
}));

function createStore(): { store: ChunkStore<DomChunk>; loaded: string[] } {
  const loaded: string[] = [];
  const store = new ChunkStore<DomChunk>(async ({ key, startMs, endMs }) => {
    loaded.push(key);
    return { kind: 'dom', version: 1, recordingId: 'r', surface: 's', startMs, endMs, events: [] };
  }, 3);
  store.setRefs(refs);
  return { store, loaded };
}

describe('a store of chunks', () => {
  it('finds the chunk that covers an instant, or the last before it', () => {
    const { store } = createStore();
    expect([-1, 0, 9.9, 10, 32, 35, 999].map((atMs) => store.refAt(atMs)?.key)).toEqual([
      ...[undefined, 'c0', 'c0', 'c10', 'c20', 'c35', 'c50'],
    ]);
    expect(store.refAfter(refs[1]!)?.key).toBe('c20');
    expect(store.refAfter(refs[4]!)).toBeUndefined();
  });

  it('never holds more than its capacity, and keeps those used last', async () => {
    const { store, loaded } = createStore();
    for (const ref of refs.slice(0, 3)) await store.get(ref);
    await store.get(refs[0]!);
    await store.get(refs[3]!);
    expect(store.heldCount).toBe(3);
    expect(refs.map((ref) => store.peek(ref) !== undefined)).toEqual([true, false, true, true, false]);
    expect(loaded).toEqual(['c0', 'c10', 'c20', 'c35']);
  });

  it('loads a chunk once when it is asked for twice at a time', async () => {
    const { store, loaded } = createStore();
    await Promise.all([store.get(refs[0]!), store.get(refs[0]!)]);
    expect(loaded).toEqual(['c0']);
  });

  it('tries again after a failure', async () => {
    let attempts = 0;
    const store = new ChunkStore<DomChunk>(async ({ startMs, endMs }) => {
      if (attempts++ === 0) throw new Error('offline');
      return { kind: 'dom', version: 1, recordingId: 'r', surface: 's', startMs, endMs, events: [] };
    }, 3);
    store.setRefs(refs);
    await expect(store.get(refs[0]!)).rejects.toThrow('offline');
    await expect(store.get(refs[0]!)).resolves.toMatchObject({ startMs: 0 });
  });
});
