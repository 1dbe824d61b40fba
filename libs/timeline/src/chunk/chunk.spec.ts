import { gzipSync, strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { createReducer } from '../reducers/create-reducer.ts';
import { decodeChunk, encodeChunk, type DomChunk, type EventsChunk } from './chunk.ts';

const eventsChunk: EventsChunk = {
  kind: 'events',
  version: 1,
  recordingId: 'r1',
  startMs: 0,
  endMs: 10,
  snapshot: createReducer().initialState(),
  events: [
    { type: 'rushes.chat.message-sent.v1', atMs: 4, participantId: 'ada', data: { messageId: 'm', text: 'a\nb ü' } },
  ],
};
const domChunk: DomChunk = {
  kind: 'dom',
  version: 1,
  recordingId: 'r1',
  surface: 'ada',
  startMs: 0,
  endMs: 10,
  events: [{ atMs: 0, event: { type: 4, timestamp: 1, data: { href: 'about:blank', width: 1, height: 1 } } }],
};

describe('a chunk', () => {
  it.each([eventsChunk, domChunk])('of $kind is read back as it was written', (chunk) => {
    expect(decodeChunk(encodeChunk(chunk))).toEqual(chunk);
  });

  it('gives equal bytes for equal content', () => {
    expect(encodeChunk(eventsChunk)).toEqual(encodeChunk({ ...eventsChunk, events: [...eventsChunk.events] }));
  });

  it('is also read when a server has already gunzipped it', () => {
    const lines = '{"kind":"dom","version":1,"recordingId":"r1","surface":"s","startMs":0,"endMs":0}\n';
    expect(decodeChunk(strToU8(lines))).toMatchObject({ kind: 'dom', events: [] });
  });

  it('that is damaged is refused with the line', () => {
    expect(() => decodeChunk(encodeChunk(domChunk).subarray(0, 40))).toThrow(/expected gzip data/);
    expect(() => decodeChunk(gzipSync(strToU8('{"kind":"film","version":1}')))).toThrow(/line 1: expected a header/);
    expect(() => decodeChunk(strToU8('{"kind":"dom","version":1}\n{"atMs":'))).toThrow(/line 2: expected JSON/);
  });
});
