import type { z } from 'zod';
import type { PluginEvent } from './events/timeline-event.ts';

/**
 * What a plugin brings so that its events are validated, replayed and drawn like the built-in ones.
 * Pure: the same events give the same state in the meeting, the viewer, the renderer and the timeline writer.
 */
export type TimelinePlugin<State = unknown> = {
  /** Lower-case letters, digits and "-"; the `<id>` of `rushes.plugin.<id>.<event>.v<n>`. */
  id: string;
  /** Schema of `data` by `<event>.v<n>`, for example `stroke-drawn.v1`. */
  events: Readonly<Record<string, z.ZodType>>;
  /** JSON-serialisable: it stands in chunk snapshots. */
  initialState: State;
  /** Returns the next state; never mutates `state`. `event.data` has passed its schema. */
  reduce(state: State, event: PluginEvent): State;
  /**
   * The state drawn as one SVG document (`<svg viewBox=…>…</svg>`), for the player's plugin layer.
   * Built from escaped text only; the player inserts it as an inert image of the state.
   */
  renderSvg?(state: State): string;
};

/** `<event>.v<n>` of a plugin event's type, and the plugin it belongs to; undefined for other types. */
export function parsePluginType(type: string): { pluginId: string; event: string } | undefined {
  const match = /^rushes\.plugin\.([a-z0-9-]+)\.([a-z0-9-]+\.v[1-9]\d*)$/.exec(type);
  return match ? { pluginId: match[1]!, event: match[2]! } : undefined;
}
