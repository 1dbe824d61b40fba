import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingObjects } from '../recording-objects.ts';

/** A recording's objects as they lie in a folder. */
export function folderObjects(folder: string): RecordingObjects {
  return {
    async get(key, range) {
      const path = join(folder, key);
      const found = await stat(path).catch(() => undefined);
      if (!found?.isFile()) return undefined;
      const body = createReadStream(path, range ? { start: range.start, end: (range.end ?? found.size) - 1 } : {});
      return {
        sizeBytes: found.size,
        contentType: key.endsWith('.json') ? 'application/json' : 'application/octet-stream',
        body,
      };
    },
  };
}
