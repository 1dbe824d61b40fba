import { expect, it } from 'vitest';
import { nextState, type PlayerInput, type PlayerState } from './transitions.ts';

it.each<[PlayerState, PlayerInput, PlayerState | undefined]>([
  ['idle', 'load', 'loading'],
  ['idle', 'play', undefined],
  ['loading', 'ready', 'seeking'],
  ['loading', 'seek', undefined],
  ['paused', 'play', 'playing'],
  ['playing', 'seek', 'seeking'],
  ['playing', 'end', 'ended'],
  ['seeking', 'seek', 'seeking'],
  ['seeking', 'settle-playing', 'playing'],
  ['seeking', 'play', undefined],
  ['ended', 'seek', 'seeking'],
  ['ended', 'pause', undefined],
  ['playing', 'fail', 'error'],
  ['error', 'play', undefined],
  ['error', 'load', 'loading'],
])('in the state %s the input %s leads to %s', (state, input, next) => {
  expect(nextState(state, input)).toBe(next);
});
