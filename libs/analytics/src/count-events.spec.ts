import { wrapEvent } from '@rushes/timeline';
import { expect, it } from 'vitest';
import { countEvents } from './count-events.ts';

const event = (recordingId: string, source: string, seq: number, type = 'rushes.reaction.sent.v1') =>
  wrapEvent({ type, atMs: 0, data: {} }, { recordingId, source, seq, nowMs: 0 });

it('counts each event once, however often it comes', () => {
  const { counts, progress } = countEvents(
    [
      event('r', 'a', 4),
      event('r', 'a', 5),
      event('r', 'a', 5),
      event('r', 'a', 9),
      event('r', 'b', 0),
      event('s', 'a', 1),
    ],
    [{ recordingId: 'r', source: 'a', lastSeq: 4 }],
  );
  expect(counts).toEqual([
    { recordingId: 'r', type: 'rushes.reaction.sent.v1', count: 3 },
    { recordingId: 's', type: 'rushes.reaction.sent.v1', count: 1 },
  ]);
  expect(progress).toEqual([
    { recordingId: 'r', source: 'a', lastSeq: 9 },
    { recordingId: 'r', source: 'b', lastSeq: 0 },
    { recordingId: 's', source: 'a', lastSeq: 1 },
  ]);
});
