import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheFolder } from './paths.mjs';

const lockFile = join(cacheFolder, 'setup.lock');

/**
 * Runs `work` while no other set-up on this machine does: two terminals may start at the same moment.
 * A lock left by a process that has died is taken over.
 *
 * @template Result
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withSetupLock(work) {
  await mkdir(cacheFolder, { recursive: true });
  let told = false;
  while (!(await tryLock())) {
    const holder = await whoHolds(lockFile);
    if (holder === undefined) {
      await takeAway();
      continue;
    }
    if (!told) process.stderr.write(`• Waiting for another set-up (process ${holder}) …\n`);
    told = true;
    await delay(250);
  }
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

/** The lock appears with its content: an empty one would look like one whose process has died. */
async function tryLock() {
  const draft = `${lockFile}.${process.pid}`;
  await writeFile(draft, String(process.pid));
  try {
    await link(draft, lockFile);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a dead process' lock; gives back one that somebody else has taken in between. */
async function takeAway() {
  const taken = `${lockFile}.${process.pid}.old`;
  try {
    await rename(lockFile, taken);
    if ((await whoHolds(taken)) !== undefined) await link(taken, lockFile);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    await rm(taken, { force: true });
  }
}

/** The living process that a lock names, or undefined. */
async function whoHolds(path) {
  const processId = Number(await readFile(path, 'utf8').catch(() => ''));
  if (!processId) return undefined;
  try {
    process.kill(processId, 0);
    return processId;
  } catch (error) {
    return error.code === 'EPERM' ? processId : undefined;
  }
}
