import { mkdir, readdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * Makes the folder that `--data` names. `own`, the task's default, is emptied; any other has to be new or empty, as who names
 * one may have something in it.
 * @returns its absolute path
 * @throws Error naming the option, when there is something in it, or it is no folder
 */
export async function makeDataFolder(given: string, own: string): Promise<string> {
  const folder = resolve(given);
  if (folder === resolve(own)) await rm(folder, { recursive: true, force: true });
  const refusal = `--data: expected a folder that is new or empty, got "${given}"`;
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new Error(refusal, { cause });
  });
  if ((await readdir(folder)).length > 0) throw new Error(`${refusal}, which is neither`);
  return folder;
}
