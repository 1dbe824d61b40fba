import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { TimelineEvent } from '../events/timeline-event.ts';
import type { TimelinePlugin } from '../plugin.ts';
import { createReducer } from './create-reducer.ts';
import type { RoomState } from './room-state.ts';

const counter: TimelinePlugin<number> = {
  id: 'counter',
  events: { 'counted.v1': z.object({ by: z.int() }) },
  initialState: 0,
  reduce: (state, event) => state + (event.data as { by: number }).by,
};
const reducer = createReducer([counter]);

function replay(events: TimelineEvent[], from: RoomState = reducer.initialState()): RoomState {
  return events.reduce((state, event) => reducer.apply(state, event), from);
}

const joined = (participantId: string, atMs: number, presenceId = `${participantId}-${atMs}`): TimelineEvent => ({
  type: 'rushes.participant.joined.v1',
  atMs,
  participantId,
  data: { name: participantId.toUpperCase(), role: 'guest', presenceId },
});
const left = (participantId: string, atMs: number, presenceId: string): TimelineEvent => ({
  type: 'rushes.participant.left.v1',
  atMs,
  participantId,
  data: { presenceId },
});
const chat = (participantId: string, atMs: number, text: string): TimelineEvent => ({
  type: 'rushes.chat.message-sent.v1',
  atMs,
  participantId,
  data: { messageId: `m${atMs}`, text },
});
const pollOpened: TimelineEvent = {
  type: 'rushes.poll.opened.v2',
  atMs: 10,
  participantId: 'ada',
  data: {
    pollId: 'p',
    question: 'Tea?',
    multiple: false,
    options: [
      { optionId: 'y', text: 'yes' },
      { optionId: 'n', text: 'no' },
    ],
  },
};
const voted = (participantId: string, atMs: number, ...optionIds: string[]): TimelineEvent => ({
  type: 'rushes.poll.voted.v1',
  atMs,
  participantId,
  data: { pollId: 'p', optionIds },
});

describe('the room reducer', () => {
  it('keeps every presence of a participant who leaves and comes back', () => {
    const state = replay([joined('ada', 0), left('ada', 50, 'ada-0'), joined('ada', 90)]);
    expect(state.participants.ada?.presences).toEqual([
      { presenceId: 'ada-0', joinedAtMs: 0, leftAtMs: 50 },
      { presenceId: 'ada-90', joinedAtMs: 90, leftAtMs: null },
    ]);
  });

  it('lowers the hand and ends the speech of who has left', () => {
    const state = replay([
      joined('ada', 0),
      { type: 'rushes.hand.raised.v1', atMs: 1, participantId: 'ada', data: {} },
      { type: 'rushes.speech.started.v1', atMs: 2, participantId: 'ada', data: {} },
      left('ada', 3, 'ada-0'),
    ]);
    expect([state.hands, state.speaking, state.lastSpeaker]).toEqual([[], [], null]);
  });

  it('names the last speaker also in silence', () => {
    const speech = (kind: 'started' | 'stopped', participantId: string, atMs: number): TimelineEvent => ({
      type: `rushes.speech.${kind}.v1`,
      atMs,
      participantId,
      data: {},
    });
    const state = replay([speech('started', 'ada', 1), speech('started', 'bob', 2), speech('stopped', 'bob', 3)]);
    expect(state.speaking).toEqual(['ada']);
    expect(state.lastSpeaker).toBe('bob');
  });

  it('follows a track through mute to its end', () => {
    const track = { trackId: 't', kind: 'audio', source: 'microphone', codec: 'audio/opus' } as const;
    const events: TimelineEvent[] = [
      { type: 'rushes.track.started.v1', atMs: 1, participantId: 'ada', data: track },
      { type: 'rushes.track.paused.v1', atMs: 2, participantId: 'ada', data: { trackId: 't', reason: 'muted' } },
      { type: 'rushes.track.resumed.v1', atMs: 3, participantId: 'ada', data: { trackId: 't' } },
      { type: 'rushes.track.ended.v1', atMs: 4, participantId: 'ada', data: { trackId: 't' } },
    ];
    expect(replay(events.slice(0, 2)).tracks.t?.paused).toBe('muted');
    expect(replay(events.slice(0, 3)).tracks.t?.paused).toBeNull();
    expect(replay(events).tracks.t?.endedAtMs).toBe(4);
  });

  it('ends a screen share with its track', () => {
    const state = replay([
      { type: 'rushes.screen.share-started.v1', atMs: 1, participantId: 'ada', data: { trackId: 's' } },
      {
        type: 'rushes.track.started.v1',
        atMs: 1,
        participantId: 'ada',
        data: { trackId: 's', kind: 'video', source: 'screen', codec: 'video/VP8' },
      },
      { type: 'rushes.track.ended.v1', atMs: 2, participantId: 'ada', data: { trackId: 's' } },
    ]);
    expect(state.screens).toEqual([]);
  });

  it('counts the latest vote of each participant, only for options that exist, until the poll is closed', () => {
    const closed: TimelineEvent = {
      type: 'rushes.poll.closed.v1',
      atMs: 15,
      participantId: 'ada',
      data: { pollId: 'p' },
    };
    const state = replay([
      pollOpened,
      voted('ada', 11, 'y'),
      voted('ada', 12, 'n', 'y'),
      voted('bob', 13, 'maybe'),
      closed,
      voted('bob', 16, 'y'),
    ]);
    expect(state.polls[0]).toMatchObject({ votes: { ada: ['n'], bob: [] }, closedAtMs: 15 });
  });

  it('shows a chat line once however often it is delivered', () => {
    expect(replay([chat('ada', 1, 'hi'), chat('ada', 1, 'hi')]).chat).toHaveLength(1);
  });

  it('lets reactions and captions pass after ten seconds, also when nothing else happens', () => {
    const state = replay([{ type: 'rushes.reaction.sent.v1', atMs: 5, participantId: 'ada', data: { emoji: '👍' } }]);
    expect(reducer.settle(state, 10_004).reactions).toHaveLength(1);
    expect(reducer.settle(state, 10_005).reactions).toHaveLength(0);
  });

  it('replaces an interim caption by the final one', () => {
    const caption = (text: string, isFinal: boolean, atMs: number): TimelineEvent => ({
      type: 'rushes.caption.spoken.v1',
      atMs,
      participantId: 'ada',
      data: { captionId: 'c', text, isFinal },
    });
    const state = replay([caption('hel', false, 1), caption('hello', true, 2)]);
    expect(state.captions.map(({ text, isFinal }) => ({ text, isFinal }))).toEqual([{ text: 'hello', isFinal: true }]);
  });

  it('hands plugin events to their plugin and leaves those of strangers alone', () => {
    const state = replay([
      { type: 'rushes.plugin.counter.counted.v1', atMs: 1, data: { by: 2 } },
      { type: 'rushes.plugin.stranger.counted.v1', atMs: 2, data: { by: 5 } },
    ]);
    expect(state.plugins).toEqual({ counter: 2 });
  });

  it('begins with the state of a meeting that was already running', () => {
    const running = replay([chat('ada', 700, 'before'), pollOpened]);
    const state = replay([
      {
        type: 'rushes.recording.started.v1',
        atMs: 0,
        data: { roomId: 'room', recordedAt: 1_000, initialState: JSON.parse(JSON.stringify(running)) },
      },
    ]);
    expect(state.chat).toEqual([{ messageId: 'm700', participantId: 'ada', atMs: 0, text: 'before' }]);
    expect(state.polls[0]?.openedAtMs).toBe(0);
    expect(state.recording.recordedAt).toBe(1_000);
  });

  it('gives the same state from any snapshot on the way as from the beginning', () => {
    const events = [joined('ada', 0), chat('ada', 1, 'a'), pollOpened, voted('ada', 12, 'y'), joined('bob', 20)];
    const whole = replay(events);
    for (let cut = 0; cut <= events.length; cut++) {
      const snapshot = JSON.parse(JSON.stringify(replay(events.slice(0, cut)))) as RoomState;
      expect(replay(events.slice(cut), snapshot), `cut after ${cut} events`).toEqual(whole);
    }
  });

  it('never changes the state it was given', () => {
    const before = replay([joined('ada', 0), pollOpened]);
    const copy: unknown = JSON.parse(JSON.stringify(before));
    replay([voted('ada', 11, 'y'), chat('ada', 12, 'x'), left('ada', 13, 'ada-0')], before);
    expect(before).toEqual(copy);
  });

  it('refuses two plugins with one id and an id with capitals', () => {
    expect(() => createReducer([counter as TimelinePlugin, counter as TimelinePlugin])).toThrow(/registered twice/);
    expect(() => createReducer([{ ...counter, id: 'Counter' }])).toThrow(/lower-case/);
  });
});
