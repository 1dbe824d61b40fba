import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderLockedError, lockFolder } from './folder-lock.ts';

const thing = { what: 'The box', advice: 'Take another.' };
let folder: string;
let lockFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rushes-lock-'));
  lockFile = join(folder, 'database.lock');
});
afterEach(() => rm(folder, { recursive: true }));

it('refuses a folder that this process has open already, and gives it back', async () => {
  const unlock = await lockFolder(lockFile, thing);
  await expect(lockFolder(lockFile, thing)).rejects.toBeInstanceOf(FolderLockedError);
  await unlock();
  await (
    await lockFolder(lockFile, thing)
  )();
});

it('names the process that has the folder open', async () => {
  await writeFile(lockFile, String(process.ppid));
  await expect(lockFolder(lockFile, thing)).rejects.toThrow(
    `The box is in use by process ${process.ppid} (${lockFile}). Take another.`,
  );
});

it('takes over from a process that is gone', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(lockFile, String(child.pid));
  await (
    await lockFolder(lockFile, thing)
  )();
});

it('takes over from an earlier process with the pid of a living one', async () => {
  await writeFile(lockFile, `${process.ppid} 1`);
  await (
    await lockFolder(lockFile, thing)
  )();
});

it('takes over from an earlier process with our own pid, as after the restart of a container', async () => {
  await writeFile(lockFile, `${process.pid} 1`);
  await (
    await lockFolder(lockFile, thing)
  )();
});

it('takes over a lock that was never written to its end', async () => {
  await writeFile(lockFile, '');
  await (
    await lockFolder(lockFile, thing)
  )();
});
