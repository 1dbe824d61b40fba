import type { TimelineEvent } from '@rushes/timeline';

/** A recording begins before anything in it, and ends after everything, also at the same millisecond. */
function rank(event: TimelineEvent): number {
  if (event.type === 'rushes.recording.started.v1') return -1;
  return event.type === 'rushes.recording.ended.v1' ? 1 : 0;
}

/** Puts `event` where it belongs by time, after those of the same instant that came before it. Returns its index. */
export function insertByTime(events: TimelineEvent[], event: TimelineEvent): number {
  let index = events.length;
  while (index > 0 && isAfter(events[index - 1]!, event)) index--;
  events.splice(index, 0, event);
  return index;
}

function isAfter(a: TimelineEvent, b: TimelineEvent): boolean {
  return a.atMs > b.atMs || (a.atMs === b.atMs && rank(a) > rank(b));
}
