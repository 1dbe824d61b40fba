import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const fileName = 'recorder-holder';

/**
 * Notes in a recorder's data folder that `holderId` uses it now.
 * @returns the process that used it before and has ended, since a data folder belongs to one process at a time; undefined
 * for a new folder
 */
export async function takeOverFolder(dataDir: string, holderId: string): Promise<string | undefined> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, fileName);
  const former = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // Whole or not at all, also when this process dies here.
  await writeFile(`${path}.new`, holderId);
  await rename(`${path}.new`, path);
  return former === '' ? undefined : former;
}
