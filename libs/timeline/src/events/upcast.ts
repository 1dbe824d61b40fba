import { TimelineError } from '../errors.ts';

/** Turns `data` of one version into that of the next. Pure: stored events are never rewritten. */
type Upcaster = { to: string; data(old: Record<string, unknown>): unknown };

/** By the type it reads. A chain: the result is looked up again until no step applies. */
const upcasters: ReadonlyMap<string, Upcaster> = new Map(
  Object.entries<Upcaster>({
    // v1 listed the options as bare texts, so that two equal options could not be told apart.
    'rushes.poll.opened.v1': {
      to: 'rushes.poll.opened.v2',
      data(old) {
        if (!Array.isArray(old.options)) {
          throw new TimelineError('event-invalid', 'rushes.poll.opened.v1 data.options: expected an array of texts');
        }
        return {
          ...old,
          options: old.options.map((text: unknown, index) => ({ optionId: String(index), text })),
        };
      },
    },
  }),
);

/** Brings an event's type and data to the current version; returns them as they are when they are current or unknown. */
export function upcastData(type: string, data: unknown): { type: string; data: unknown } {
  let current = { type, data };
  for (let step = upcasters.get(current.type); step; step = upcasters.get(current.type)) {
    if (typeof current.data !== 'object' || current.data === null) {
      throw new TimelineError('event-invalid', `${current.type} data: expected an object`);
    }
    current = { type: step.to, data: step.data(current.data as Record<string, unknown>) };
  }
  return current;
}
