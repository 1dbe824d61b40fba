import { sanitiseDomEvent, type EventPublisher } from '@rushes/platform';
import type { RecordingId } from '@rushes/timeline';
import { readPage } from '../files/read-page.ts';
import type { PlannedPage } from '../plan/plan-import.ts';
import { ImportedEvents } from './imported-events.ts';

/**
 * Says a page's events into the log as its own capture would have, made harmless as at the gateway.
 * @param beginsMs where its first event stands on the recording clock
 * @returns how many were taken
 */
export async function importPage(
  { path, participantId, surface, firstAt }: PlannedPage,
  beginsMs: number,
  { recordingId, publisher, signal }: { recordingId: RecordingId; publisher: EventPublisher; signal: AbortSignal },
): Promise<number> {
  const events = new ImportedEvents(publisher, recordingId, `participants/${participantId}`);
  let count = 0;
  for await (const entry of readPage(path)) {
    signal.throwIfAborted();
    if ('problem' in entry) continue;
    const { event } = entry;
    if (sanitiseDomEvent(event).isEmpty) continue;
    const atMs = Math.round(beginsMs + event.timestamp - firstAt);
    const data = { surface, event };
    await events.add({ type: 'rushes.dom.recorded.v1', atMs, participantId, data }, JSON.stringify(event).length);
    count++;
  }
  await events.flush();
  return count;
}
