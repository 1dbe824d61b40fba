import { decodeChunk, recordingPrefix, type EventsChunk, type Manifest } from '@rushes/timeline';
import type { ApiClient } from '../demo/api-client.ts';
import { countedType, type Counted } from './counting-client.ts';
import { eventKey, type EventKey, type Ledger } from './ledger.ts';

export type TimelineJudgement = {
  /** Acknowledged events that are not stored, by the case in which they were acknowledged. */
  lost: Map<string, EventKey[]>;
  /** Events that are stored more than once. */
  doubled: Map<string, EventKey[]>;
  /** Recordings whose number of events analytics has wrong: `counted of stored`. */
  miscounted: string[];
};

/** Compares what was acknowledged with what the API gives out: manifest and chunks of every recording. */
export async function judgeTimelines(
  api: ApiClient,
  ledger: Ledger,
  manifests: readonly Manifest[],
): Promise<TimelineJudgement> {
  const judgement: TimelineJudgement = { lost: new Map(), doubled: new Map(), miscounted: [] };
  for (const manifest of manifests) {
    const { recordingId } = manifest;
    const stored = await readCounted(api, manifest);
    const acknowledged = ledger.acknowledged.get(recordingId) ?? new Map<EventKey, string>();
    compareEvents(acknowledged, stored, judgement);
    const total = [...stored.values()].reduce((sum, times) => sum + times, 0);
    const counts = await api.call<{ events: { type: string; count: number }[] }>(
      'GET',
      `/v1/recordings/${recordingId}/event-counts`,
    );
    const counted = counts.events.find(({ type }) => type === countedType)?.count ?? 0;
    if (counted !== total) judgement.miscounted.push(`${recordingId}: ${counted} of ${total}`);
  }
  return judgement;
}

/** Notes what is missing and what is there more than once. What was never acknowledged may be stored or not, but once. */
export function compareEvents(
  acknowledged: ReadonlyMap<EventKey, string>,
  stored: ReadonlyMap<EventKey, number>,
  judgement: Pick<TimelineJudgement, 'lost' | 'doubled'>,
): void {
  for (const [key, name] of acknowledged) if (!stored.has(key)) note(judgement.lost, name, key);
  for (const [key, times] of stored) {
    if (times > 1) note(judgement.doubled, acknowledged.get(key) ?? 'never acknowledged', key);
  }
}

/** How often each numbered event is stored. */
export async function readCounted(api: ApiClient, manifest: Manifest): Promise<Map<EventKey, number>> {
  const stored = new Map<EventKey, number>();
  for (const { key } of manifest.timeline.events) {
    const url = `${api.url}/v1/${recordingPrefix(manifest.recordingId)}${key}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${api.apiKey}` } });
    if (!response.ok) throw new Error(`GET ${key} answered ${response.status}`);
    const { events } = decodeChunk(new Uint8Array(await response.arrayBuffer())) as EventsChunk;
    for (const event of events) {
      if ((event.type as string) !== countedType) continue;
      const { client, n } = event.data as Counted;
      stored.set(eventKey(client, n), (stored.get(eventKey(client, n)) ?? 0) + 1);
    }
  }
  return stored;
}

function note(where: Map<string, EventKey[]>, name: string, key: EventKey): void {
  const keys = where.get(name);
  if (keys) keys.push(key);
  else where.set(name, [key]);
}
