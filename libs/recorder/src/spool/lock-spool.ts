import { mkdir } from 'node:fs/promises';
import { lockFolder } from '@rushes/database';

/**
 * Keeps the spool to one process: a second one would take the first one's running tracks for what a killed process left, and
 * close them. A lock whose process is gone is taken over.
 * @returns gives the folder back
 * @throws FolderLockedError naming RUSHES_DATA_DIR and the process that has the folder
 */
export async function lockSpool(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  return lockFolder(`${folder}.lock`, {
    what: "The recorder's spool",
    advice: 'Stop that process, or give each recorder a RUSHES_DATA_DIR of its own.',
  });
}
