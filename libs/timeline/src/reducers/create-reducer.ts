import { isPluginEvent, type PluginEvent, type TimelineEvent } from '../events/timeline-event.ts';
import { parsePluginType, type TimelinePlugin } from '../plugin.ts';
import { TimelineError } from '../errors.ts';
import { reduceConversation } from './conversation.ts';
import { reducePeople } from './people.ts';
import { reduceRecording } from './recording.ts';
import { transientMs, type RoomState } from './room-state.ts';
import { reduceTracks } from './tracks.ts';

export type RoomReducer = {
  /** The state before any event. */
  initialState(): RoomState;
  /** The state after `event`; `state` is not changed. Events of unregistered plugins and unknown types leave it as it is. */
  apply(state: RoomState, event: TimelineEvent): RoomState;
  /** The state as it looks at `atMs` when nothing happened since: reactions and captions that are over are gone. */
  settle(state: RoomState, atMs: number): RoomState;
};

/**
 * Makes the one function that turns events into state, for the catalogue and `plugins`.
 * @throws TimelineError `plugin-invalid` when two plugins have one id or an id is not lower-case letters, digits and "-".
 */
export function createReducer(plugins: readonly TimelinePlugin[] = []): RoomReducer {
  const byId = new Map<string, TimelinePlugin>();
  for (const plugin of plugins) {
    if (!/^[a-z0-9-]+$/.test(plugin.id)) {
      throw new TimelineError('plugin-invalid', `id: expected lower-case letters, digits and "-", got "${plugin.id}"`);
    }
    if (byId.has(plugin.id)) throw new TimelineError('plugin-invalid', `id: "${plugin.id}" is registered twice`);
    byId.set(plugin.id, plugin);
  }

  function reducePlugin(state: RoomState, event: PluginEvent): RoomState {
    const plugin = byId.get(parsePluginType(event.type)?.pluginId ?? '');
    if (!plugin) return state;
    const current = state.plugins[plugin.id] ?? plugin.initialState;
    return { ...state, plugins: { ...state.plugins, [plugin.id]: plugin.reduce(current, event) } };
  }

  function settle(state: RoomState, atMs: number): RoomState {
    const isOver = (item: { atMs: number }) => atMs - item.atMs >= transientMs;
    if (!state.reactions.some(isOver) && !state.captions.some(isOver)) return state;
    return {
      ...state,
      reactions: state.reactions.filter((item) => !isOver(item)),
      captions: state.captions.filter((item) => !isOver(item)),
    };
  }

  return {
    initialState: () => emptyRoomState(plugins),
    settle,
    apply(state, event) {
      const next = isPluginEvent(event)
        ? reducePlugin(state, event)
        : [reduceRecording, reducePeople, reduceTracks, reduceConversation].reduce(
            (current, reduce) => reduce(current, event),
            state,
          );
      const atMs = Math.max(state.atMs, event.atMs);
      return settle({ ...next, atMs }, atMs);
    },
  };
}

function emptyRoomState(plugins: readonly TimelinePlugin[]): RoomState {
  return {
    atMs: 0,
    recording: { recordedAt: 0, paused: false, endedAtMs: null },
    participants: {},
    tracks: {},
    speaking: [],
    lastSpeaker: null,
    chat: [],
    polls: [],
    hands: [],
    reactions: [],
    screens: [],
    captions: [],
    markers: [],
    plugins: Object.fromEntries(plugins.map((plugin) => [plugin.id, plugin.initialState])),
  };
}
