import { gunzipSync, gzipSync, strFromU8, strToU8 } from 'fflate';
import type { SeqRangesBySource } from '../events/seq-ranges.ts';
import type { TimelineEvent } from '../events/timeline-event.ts';
import type { RoomState } from '../reducers/room-state.ts';
import { TimelineError } from '../errors.ts';

/** An rrweb event placed on the recording clock. */
export type DomEvent = { atMs: number; event: RrwebEvent };
export type RrwebEvent = { type: number; timestamp: number; data: unknown; [key: string]: unknown };

/**
 * One chunk of interactive events, readable alone:
 *
 *     {"kind":"events","version":1,"recordingId":…,"startMs":…,"endMs":…,"snapshot":RoomState}
 *     {"type":…,"atMs":…,"participantId":…,"data":…}        one line an event, in order
 *
 * `snapshot` is the state before the first event.
 */
export type EventsChunk = {
  kind: 'events';
  version: 1;
  recordingId: string;
  startMs: number;
  endMs: number;
  /** Which log records the chunk holds; written by the timeline writer for itself, absent from chunks made elsewhere. */
  seqRanges?: SeqRangesBySource;
  snapshot: RoomState;
  events: TimelineEvent[];
};

/**
 * One chunk of a surface's DOM; the first two events are rrweb Meta and FullSnapshot:
 *
 *     {"kind":"dom","version":1,"recordingId":…,"surface":…,"startMs":…,"endMs":…}
 *     {"atMs":…,"event":…}                                   one line an rrweb event, in order
 */
export type DomChunk = {
  kind: 'dom';
  version: 1;
  recordingId: string;
  surface: string;
  startMs: number;
  endMs: number;
  /** As in {@link EventsChunk}. */
  seqRanges?: SeqRangesBySource;
  events: DomEvent[];
};

export type Chunk = EventsChunk | DomChunk;

/** gzip of newline-delimited JSON; equal chunks give equal bytes. */
export function encodeChunk(chunk: Chunk): Uint8Array {
  const { events, ...header } = chunk;
  const lines = [JSON.stringify(header)];
  for (const event of events) lines.push(JSON.stringify(event));
  return gzipSync(strToU8(lines.join('\n') + '\n'), { level: 6, mtime: 0 });
}

/**
 * Reads what {@link encodeChunk} wrote; also accepts bytes that a server has already gunzipped.
 * @throws TimelineError `chunk-unreadable` naming the line, when the bytes are not a chunk.
 */
export function decodeChunk(bytes: Uint8Array): Chunk {
  const lines = strFromU8(inflate(bytes)).split('\n');
  const header = parseLine(lines[0] ?? '', 1) as Chunk;
  if (header.version !== 1 || (header.kind !== 'events' && header.kind !== 'dom')) {
    throw new TimelineError('chunk-unreadable', 'line 1: expected a header with kind "events" or "dom" and version 1');
  }
  const events: unknown[] = [];
  for (let index = 1; index < lines.length; index++) {
    if (lines[index] !== '') events.push(parseLine(lines[index]!, index + 1));
  }
  return { ...header, events } as Chunk;
}

function inflate(bytes: Uint8Array): Uint8Array {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new TimelineError('chunk-unreadable', 'expected gzip data', { cause });
  }
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new TimelineError('chunk-unreadable', `line ${number}: expected JSON`, { cause });
  }
}
