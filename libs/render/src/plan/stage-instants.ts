import { decodeChunk, transientMs } from '@rushes/timeline';
import type { Chunk, ChunkRef, DomEvent, Manifest } from '@rushes/timeline';
import { readObject } from '../recording-objects.ts';
import type { RecordingObjects } from '../recording-objects.ts';
import { firstFrameAt, frameMs } from './frame-grid.ts';
import type { FrameGrid, FrameRange } from './frame-grid.ts';

/** rrweb's IncrementalSnapshot, and its sources that carry several positions with a time each. */
const incremental = 3;
const positionSources = new Set([1, 6, 12]);

/**
 * The frames of a range at which the stage may look different from the frame before: the first one, and the first at or after
 * every event. Reads the chunks that the range touches, one at a time; needs no browser.
 *
 * @returns rising frame numbers.
 */
export async function findStageInstants(options: {
  manifest: Manifest;
  perspective: string;
  grid: FrameGrid;
  range: FrameRange;
  objects: RecordingObjects;
}): Promise<number[]> {
  const { manifest, perspective, grid, range, objects } = options;
  const frames = new Set([range.from]);
  const note = (atMs: number): void => {
    const frame = firstFrameAt(grid, atMs);
    if (frame > range.from && frame < range.to) frames.add(frame);
  };
  const fromMs = frameMs(grid, range.from);
  const toMs = frameMs(grid, range.to);
  // A reaction or caption goes away long after its event.
  for (const ref of overlapping(manifest.timeline.events, fromMs - transientMs - 1000, toMs)) {
    noteChunk(await load(objects, ref), note);
  }
  const surface = manifest.timeline.surfaces.find((each) => perspective === `dom:${each.surface}`);
  for (const ref of overlapping(surface?.chunks ?? [], fromMs, toMs)) {
    note(ref.startMs);
    noteChunk(await load(objects, ref), note);
  }
  return [...frames].sort((a, b) => a - b);
}

function overlapping(refs: readonly ChunkRef[], fromMs: number, toMs: number): ChunkRef[] {
  return refs.filter(({ startMs, endMs }) => endMs >= fromMs && startMs <= toMs);
}

async function load(objects: RecordingObjects, ref: ChunkRef): Promise<Chunk> {
  return decodeChunk(await readObject(objects, ref.key));
}

function noteChunk(chunk: Chunk, note: (atMs: number) => void): void {
  if (chunk.kind === 'dom') {
    for (const event of chunk.events) for (const atMs of domInstants(event)) note(atMs);
    return;
  }
  for (const { atMs, type } of chunk.events) {
    note(atMs);
    if (type === 'rushes.reaction.sent.v1' || type === 'rushes.caption.spoken.v1') {
      note(atMs + transientMs);
      note(atMs + transientMs + 1);
    }
  }
}

/** Pointer moves come in batches, each position with its offset to the event's time. */
function* domInstants({ atMs, event }: DomEvent): Generator<number> {
  yield atMs;
  if (event.type !== incremental) return;
  const { source, positions } = event.data as { source?: number; positions?: { timeOffset?: number }[] };
  if (source === undefined || !positionSources.has(source) || !Array.isArray(positions)) return;
  for (const { timeOffset } of positions) if (typeof timeOffset === 'number') yield atMs + timeOffset;
}
