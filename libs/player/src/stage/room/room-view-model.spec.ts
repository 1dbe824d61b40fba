import { describe, expect, it } from 'vitest';
import { createReducer, type TimelineEvent } from '@rushes/timeline';
import { writeScript } from '../../../../../test/fixtures/synthetic/script.ts';
import { initialsOf, roomTiles } from './room-view-model.ts';

const { events } = writeScript({ participants: 3, durationMs: 12_000, recordedAt: 0 });

function tilesAt(atMs: number, layout: 'grid' | 'speaker' = 'grid', extra: TimelineEvent[] = []) {
  const reducer = createReducer();
  const past = [...events, ...extra].filter((event) => event.atMs <= atMs).sort((a, b) => a.atMs - b.atMs);
  return roomTiles(
    past.reduce((state, event) => reducer.apply(state, event), reducer.initialState()),
    layout,
    () => true,
  );
}

describe('the room’s tiles', () => {
  it('are those present, in order of joining', () => {
    expect(tilesAt(200).map((tile) => tile.participantId)).toEqual(['p1', 'p2']);
    expect(tilesAt(10_000).map((tile) => tile.participantId)).toEqual(['p1', 'p2']);
    expect(tilesAt(11_500).map((tile) => tile.trackId)).toEqual(['cam-p1', 'cam-p2', 'cam-p3b']);
  });

  it('begin with a shared screen in both layouts', () => {
    expect(tilesAt(7500)[0]).toMatchObject({ isScreen: true, trackId: 'scr-p1' });
    expect(tilesAt(7500, 'speaker')[0]).toMatchObject({ isScreen: true });
    expect(tilesAt(9001).some((tile) => tile.isScreen)).toBe(false);
  });

  it('begin with who spoke last in the speaker layout, also in a pause', () => {
    expect(tilesAt(2600, 'speaker')[0]).toMatchObject({ participantId: 'p2', isSpeaking: true });
    expect(tilesAt(3950, 'speaker')[0]).toMatchObject({ participantId: 'p2', isSpeaking: false });
  });

  it('tell who is muted, has a hand up and reacted', () => {
    expect(tilesAt(8000).map((tile) => tile.isMuted)).toContain(true);
    expect(tilesAt(5000).find((tile) => tile.participantId === 'p2')?.hasRaisedHand).toBe(true);
    expect(tilesAt(5000).find((tile) => tile.participantId === 'p3')?.reactions).toEqual(['🎉']);
  });

  it('show no picture while the camera is off', () => {
    const off: TimelineEvent = {
      type: 'rushes.track.paused.v1',
      atMs: 3000,
      participantId: 'p1',
      data: { trackId: 'cam-p1', reason: 'camera-off' },
    };
    expect(tilesAt(3100, 'grid', [off])[0]).toMatchObject({ participantId: 'p1', trackId: null });
  });
});

it.each([
  ['Ada Lovelace', 'AL'],
  ['Dara Ó Briain', 'DB'],
  ['Plato', 'P'],
  ['😀', '?'],
  ['émile', 'É'],
])('abbreviates %s to %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
