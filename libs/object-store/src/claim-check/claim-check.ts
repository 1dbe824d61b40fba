import { createHash } from 'node:crypto';
import { isClaimed, objectKeys, recordingPrefix, type ClaimedEnvelope, type EventEnvelope } from '@rushes/timeline';
import { ObjectNotFoundError, type ObjectStore } from '../object-store.ts';
import { ClaimError } from './claim-error.ts';
import { olderClaimOf } from './older-claim.ts';

/** Data whose JSON is longer than this goes to the object store, bytes. */
export const largestDataBytes = 256 * 1024;

/**
 * Claim check: puts the event's data into the object store when its JSON is longer than `limitBytes`, and returns the envelope that
 * refers to it; returns smaller events as they are. To be called before the event is appended. The same data has the same key,
 * so doing it again changes nothing.
 * @throws what the store throws; nothing may be appended then
 */
export async function checkInData(
  store: Pick<ObjectStore, 'put'>,
  event: EventEnvelope,
  limitBytes = largestDataBytes,
): Promise<EventEnvelope> {
  if (event.data === undefined) return event;
  const json = JSON.stringify(event.data);
  // A character has at most three bytes in UTF-8.
  if (json.length * 3 <= limitBytes) return event;
  const bytes = Buffer.from(json);
  if (bytes.length <= limitBytes) return event;

  const { data: _, ...attributes } = event;
  const datasha256 = createHash('sha256').update(bytes).digest('hex');
  const dataref = recordingPrefix(event.recordingid) + objectKeys.claim(datasha256);
  await store.put(dataref, bytes, { contentType: 'application/json' });
  return { ...attributes, dataref, datasizebytes: bytes.length, datasha256 };
}

/**
 * The event with its data: fetched and checked when a claim stands in its place, else the same object. Also redeems the
 * `data.claim` of older `rushes.dom.recorded.v1` events.
 * @throws ClaimError `claim-invalid` when it refers to another recording, `claim-missing`, `claim-damaged`: fetching again does not
 * help; anything else the store throws may pass
 */
export async function resolveData(store: Pick<ObjectStore, 'read'>, event: EventEnvelope): Promise<EventEnvelope> {
  const older = olderClaimOf(event);
  if (older) {
    const rrwebEvent = await redeem(store, { ...event, ...older.claim });
    return { ...event, data: { surface: older.surface, event: rrwebEvent } };
  }
  if (event.data !== undefined || !isClaimed(event)) return event;
  const { dataref: _ref, datasizebytes: _size, datasha256: _sha, ...attributes } = event;
  return { ...attributes, data: await redeem(store, event) };
}

async function redeem(
  store: Pick<ObjectStore, 'read'>,
  { recordingid, dataref, datasizebytes, datasha256 }: ClaimedEnvelope,
): Promise<unknown> {
  const expected = recordingPrefix(recordingid) + objectKeys.claim(datasha256);
  if (dataref !== expected) throw new ClaimError('claim-invalid', dataref, `expected ${expected}`);
  const bytes = await read(store, dataref);
  if (bytes.length !== datasizebytes) {
    throw new ClaimError('claim-damaged', dataref, `expected ${datasizebytes} bytes, found ${bytes.length}`);
  }
  if (createHash('sha256').update(bytes).digest('hex') !== datasha256) {
    throw new ClaimError('claim-damaged', dataref, `expected sha256 ${datasha256}`);
  }
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as unknown;
  } catch (cause) {
    throw new ClaimError('claim-damaged', dataref, 'expected JSON', { cause });
  }
}

async function read(store: Pick<ObjectStore, 'read'>, key: string): Promise<Uint8Array> {
  try {
    return await store.read(key);
  } catch (cause) {
    if (!(cause instanceof ObjectNotFoundError)) throw cause;
    throw new ClaimError('claim-missing', key, 'there is no such object', { cause });
  }
}
