import { describe, expect, it } from 'vitest';
import { createReducer, type TimelineEvent } from '@rushes/timeline';
import { whiteboardPlugin } from '../../../whiteboard/src/index.ts';
import { decodeKeptState, encodeKeptState, isKeptStateChanged } from './kept-state.ts';

const reducer = createReducer([whiteboardPlugin]);
const happened = [
  { type: 'rushes.participant.joined.v1', data: { name: 'Ada', role: 'host', presenceId: 'p1' } },
  { type: 'rushes.track.started.v1', data: { trackId: 't1', kind: 'video', source: 'camera', codec: 'video/VP8' } },
  { type: 'rushes.chat.message-sent.v1', data: { messageId: 'm1', text: 'Hello' } },
  { type: 'rushes.hand.raised.v1', data: {} },
  { type: 'rushes.speech.started.v1', data: {} },
].map((event, index) => ({ ...event, atMs: index * 100, participantId: 'ada' }) as TimelineEvent);
const state = happened.reduce((current, event) => reducer.apply(current, event), reducer.initialState());

describe('the kept state of a room', () => {
  it('comes back with what people made, and nobody in it', () => {
    const back = decodeKeptState(encodeKeptState(state), reducer.initialState(), 9_000);
    expect(back.chat).toEqual(state.chat);
    expect(back.plugins).toEqual(state.plugins);
    expect(back).toMatchObject({ atMs: 9_000, tracks: {}, hands: [], speaking: [], lastSpeaker: null });
    expect(back.participants.ada).toMatchObject({
      name: 'Ada',
      presences: [{ presenceId: 'p1', joinedAtMs: 0, leftAtMs: 9_000 }],
    });
  });

  it('changes with a chat line, not with speech', () => {
    const spoken = reducer.apply(state, {
      type: 'rushes.speech.stopped.v1',
      data: {},
      atMs: 700,
      participantId: 'ada',
    });
    expect(isKeptStateChanged(state, spoken)).toBe(false);
    const data = { messageId: 'm2', text: 'Bye' };
    const said = reducer.apply(state, { type: 'rushes.chat.message-sent.v1', data, atMs: 700, participantId: 'ada' });
    expect(isKeptStateChanged(state, said)).toBe(true);
  });

  it('is refused when it is something else', () => {
    for (const text of ['{"participants":{}}', 'half a te']) {
      expect(() => decodeKeptState(text, reducer.initialState(), 0)).toThrow();
    }
  });
});
