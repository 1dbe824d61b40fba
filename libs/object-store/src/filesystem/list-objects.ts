import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './folders.ts';

/** Keys below `root` that start with `prefix`, ascending. Enters only folders that can hold some. */
export async function* listObjects(root: string, prefix: string, folderKey = ''): AsyncIterable<string> {
  const entries = await readdir(join(root, folderKey), { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const names = entries
    .filter((entry) => !entry.name.startsWith('~') && (entry.isFile() || entry.isDirectory()))
    // A folder's keys go on with "/", which stands behind "-" and ".".
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort((a, b) => (a < b ? -1 : 1));
  for (const name of names) {
    const key = folderKey + name;
    if (!name.endsWith('/')) {
      if (key.startsWith(prefix)) yield key;
    } else if (key.startsWith(prefix) || prefix.startsWith(key)) {
      yield* listObjects(root, prefix, key);
    }
  }
}
