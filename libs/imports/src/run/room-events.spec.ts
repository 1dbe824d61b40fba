import { createEventParser } from '@rushes/timeline';
import { expect, it } from 'vitest';
import { People } from './people.ts';
import { roomEvents, type StoredTrackFacts } from './room-events.ts';

const camera = { trackId: 'cam', kind: 'video', source: 'screen', codec: 'video/VP8', speech: [] } as const;
const track = (facts: Partial<StoredTrackFacts>): StoredTrackFacts => {
  return { ...camera, participantId: 'ann', startMs: 0, endMs: 1000, ...facts };
};
const people = [
  { participantId: 'ann', name: 'Ann', role: 'guest' as const, presences: [{ joinedMs: 0, leftMs: 1000 }] },
];

it('says what a room would have said, in the order in which it would', () => {
  const messages = [{ participantId: 'ann', text: 'Hi', atMs: 0 }];
  const speech = [{ fromMs: 0, toMs: 400 }];
  const events = roomEvents({ people, tracks: [track({ speech })], messages, durationMs: 1000 });
  expect(events.map(({ type, atMs }) => [type.split('.').slice(1, 3).join('.'), atMs])).toEqual([
    ['participant.joined', 0],
    ['track.started', 0],
    ['screen.share-started', 0],
    ['speech.started', 0],
    ['chat.message-sent', 0],
    ['speech.stopped', 400],
    ['screen.share-stopped', 1000],
    ['track.ended', 1000],
    ['participant.left', 1000],
  ]);
  const parser = createEventParser();
  for (const event of events) expect(() => parser.parse(event)).not.toThrow();
});

it('lets somebody with two microphones speak once', () => {
  const tracks = [
    track({ trackId: 'a', source: 'microphone', speech: [{ fromMs: 100, toMs: 500 }] }),
    track({ trackId: 'b', source: 'microphone', speech: [{ fromMs: 300, toMs: 700 }] }),
  ];
  const spoken = roomEvents({ people, tracks, messages: [], durationMs: 1000 }).filter(({ type }) =>
    type.includes('.speech.'),
  );
  expect(spoken.map(({ atMs }) => atMs)).toEqual([100, 700]);
});

it('keeps everything within the recording', () => {
  const events = roomEvents({ people, tracks: [track({ startMs: -20, endMs: 2000 })], messages: [], durationMs: 1000 });
  expect(events.every(({ atMs }) => atMs >= 0 && atMs <= 1000)).toBe(true);
});

it('knows people by id or name, and since when there is something of them', () => {
  const everybody = new People([{ id: 'ann', name: 'Ann Lee', role: 'host' }], 0);
  everybody.seen('ann', 500, 900);
  everybody.seen('ann', 200, 300);
  expect([everybody.idOf('Ann Lee'), everybody.idOf('ann lee'), everybody.idOf('Ann')]).toEqual(['ann', 'ann', 'ann']);
  expect(everybody.idOf('Old Guest')).toBe('guest-1');
  expect(everybody.idOf('Old Guest')).toBe('guest-1');
  expect(everybody.list()).toEqual([
    { participantId: 'ann', name: 'Ann Lee', role: 'host', presences: [{ joinedMs: 200, leftMs: 900 }] },
    { participantId: 'guest-1', name: 'Old Guest', role: 'guest', presences: [] },
  ]);
});

it('believes what import.json says of presences', () => {
  const everybody = new People([{ id: 'ann', role: 'guest', presences: [{ joinedMs: 100, leftMs: 200 }] }], 50);
  everybody.seen('ann', 0, 900);
  expect(everybody.list()[0]!.presences).toEqual([{ joinedMs: 150, leftMs: 250 }]);
});
