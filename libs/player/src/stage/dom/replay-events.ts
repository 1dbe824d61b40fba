import type { DomChunk, RrwebEvent } from '@rushes/timeline';
import { PlayerError } from '../../player-error.ts';
import { Neutraliser } from './neutralise.ts';
import { rrwebSource, rrwebType } from './serialized-node.ts';

type Position = { x: number; y: number; id: number; timeOffset: number };

const movingSources: readonly unknown[] = [rrwebSource.mouseMove, rrwebSource.touchMove, rrwebSource.drag];

/**
 * A chunk's events as the Replayer is given them: `timestamp` is `atMs`, made safe, and each position of a batched
 * mouse move an event of its own, because a Replayer that is stepped shows only a batch's last.
 * @throws PlayerError `recording-invalid` when the chunk does not open with Meta and FullSnapshot.
 */
export function replayEvents(chunk: DomChunk, assetUrl: (key: string) => string): RrwebEvent[] {
  const [first, second] = chunk.events;
  if (first?.event.type !== rrwebType.meta || second?.event.type !== rrwebType.fullSnapshot) {
    const found = `${first?.event.type ?? 'nothing'}, ${second?.event.type ?? 'nothing'}`;
    throw new PlayerError(
      'recording-invalid',
      `chunk ${chunk.surface} at ${chunk.startMs}: expected rrweb events 4 (Meta) and 2 (FullSnapshot) first, got ${found}`,
      false,
    );
  }
  const neutraliser = new Neutraliser(assetUrl);
  const events: RrwebEvent[] = [];
  for (const { atMs, event } of chunk.events) {
    const safe = neutraliser.neutralise(event);
    if (safe) events.push(...stepped({ ...safe, timestamp: atMs }, first.atMs));
  }
  // Stable: events of one instant keep their order, Meta and FullSnapshot stay first.
  return events.sort((a, b) => a.timestamp - b.timestamp);
}

function stepped(event: RrwebEvent, earliestMs: number): RrwebEvent[] {
  const data = event.data as { source?: unknown; positions?: Position[] } | null;
  if (event.type !== rrwebType.incremental || !movingSources.includes(data?.source) || !data?.positions) return [event];
  return data.positions.map((position) => ({
    ...event,
    timestamp: Math.max(earliestMs, event.timestamp + position.timeOffset),
    data: { ...data, positions: [{ ...position, timeOffset: 0 }] },
  }));
}
