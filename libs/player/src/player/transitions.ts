export type PlayerState = 'idle' | 'loading' | 'paused' | 'playing' | 'seeking' | 'ended' | 'error';
export type PlayerInput =
  'load' | 'ready' | 'play' | 'pause' | 'seek' | 'settle-paused' | 'settle-playing' | 'end' | 'fail';

/** What each input does in each state; an input that is not named is ignored there. */
const transitions: Readonly<Record<PlayerState, Partial<Record<PlayerInput, PlayerState>>>> = {
  idle: { load: 'loading', fail: 'error' },
  loading: { ready: 'seeking', fail: 'error' },
  paused: { play: 'playing', seek: 'seeking', fail: 'error' },
  playing: { pause: 'paused', seek: 'seeking', end: 'ended', fail: 'error' },
  seeking: { seek: 'seeking', 'settle-paused': 'paused', 'settle-playing': 'playing', fail: 'error' },
  ended: { seek: 'seeking', fail: 'error' },
  error: { load: 'loading' },
};

/** The next state, or undefined when the input means nothing in this one. */
export function nextState(state: PlayerState, input: PlayerInput): PlayerState | undefined {
  return transitions[state][input];
}
