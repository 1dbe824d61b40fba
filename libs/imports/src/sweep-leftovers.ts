import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What imports keep in the folder for temporary files. */
export const temporaryPrefixes = { upload: 'rushes-upload-', work: 'rushes-import-' } as const;

/** No import takes so long: whoever was at it has died. Milliseconds. */
const weekMs = 7 * 24 * 3_600_000;

/**
 * Removes what imports of killed processes left among the temporary files. Goes by age alone: another machine's processes may share
 * the folder.
 * @param nowMs epoch milliseconds, by the wall clock, as files have it
 */
export async function sweepLeftovers(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!Object.values(temporaryPrefixes).some((prefix) => name.startsWith(prefix))) continue;
    const path = join(folder, name);
    const changedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? nowMs;
    if (nowMs - changedMs > weekMs) await rm(path, { recursive: true, force: true });
  }
}
