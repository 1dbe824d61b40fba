import { createHash } from 'node:crypto';
import { objectKeys, recordingPrefix, type Claim, type RecordingId } from '@rushes/timeline';
import type { ObjectStore } from '@rushes/object-store';

/** Puts a large payload into the object store and returns what the event carries instead. The same bytes have the same key. */
export async function storeClaim(objectStore: ObjectStore, recordingId: RecordingId, json: string): Promise<Claim> {
  const bytes = Buffer.from(json);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const key = objectKeys.claim(sha256);
  await objectStore.put(recordingPrefix(recordingId) + key, bytes, { contentType: 'application/json' });
  return { key, sizeBytes: bytes.length, sha256 };
}
