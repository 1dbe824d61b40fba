import type { ParticipantId } from '../ids.ts';
import type { EventCatalogue, EventType, PluginEventType } from './catalogue.ts';

type EventBase<T extends string, D> = {
  type: T;
  /** Integer milliseconds since the recording started, on the recording clock. */
  atMs: number;
  participantId?: ParticipantId;
  data: D;
};

/** An immutable fact of a catalogue family. Narrow with `event.type === '…'`. */
export type CatalogueEvent = { [T in EventType]: EventBase<T, EventCatalogue[T]> }[EventType];
/** An immutable fact that a plugin defines. */
export type PluginEvent = EventBase<PluginEventType, unknown>;
export type TimelineEvent = CatalogueEvent | PluginEvent;

export function isPluginEvent(event: { type: string }): event is PluginEvent {
  return event.type.startsWith('rushes.plugin.');
}
