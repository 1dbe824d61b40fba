/** One stored object, or the asked range of it. `sizeBytes` is that of the whole object. */
export type RecordingObject = { sizeBytes: number; contentType: string; body: AsyncIterable<Uint8Array> };

/**
 * The one recording's objects, by keys relative to its folder (`manifest.json`, `tracks/…`).
 * All that a renderer can reach: nothing else is answered to the page or to ffmpeg.
 */
export type RecordingObjects = {
  /** `end` is excluded. @returns undefined when there is no such object. */
  get(key: string, range?: { start: number; end?: number }): Promise<RecordingObject | undefined>;
};

/** The whole object in memory: for manifests and chunks. @throws Error when it is not there. */
export async function readObject(objects: RecordingObjects, key: string): Promise<Uint8Array> {
  const object = await objects.get(key);
  if (!object) throw new Error(`No object ${key} in the recording`);
  const parts: Uint8Array[] = [];
  for await (const part of object.body) parts.push(part);
  return Buffer.concat(parts);
}
