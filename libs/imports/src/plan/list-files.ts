import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** What the folder says about its files. */
export const documentName = 'import.json';

/** Files under `folder` in the order of their names, as import.json names them; hidden ones left out. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => file !== documentName && !file.split('/').some((part) => part.startsWith('.')))
    .sort();
}
