import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
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
    const holder = await whoHoldsIt();
    if (holder === undefined) {
      await rm(lockFile, { force: true });
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

async function tryLock() {
  try {
    await writeFile(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds the lock, or undefined when it is gone. */
async function whoHoldsIt() {
  const processId = Number(await readFile(lockFile, 'utf8').catch(() => ''));
  if (!processId) return undefined;
  try {
    process.kill(processId, 0);
    return processId;
  } catch (error) {
    return error.code === 'EPERM' ? processId : undefined;
  }
}
