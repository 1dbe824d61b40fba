import { readFile, rm, writeFile } from 'node:fs/promises';

/** Lock files this very process holds: after a restart in a container, the dead holder's pid may be our own. */
const held = new Set<string>();

/** What the operator is told when the folder is in use. */
export type LockedThing = {
  /** What lies in the folder, with its article, as a sentence begins with it. */
  what: string;
  /** What to do instead: whole sentences. */
  advice: string;
};

/**
 * Makes sure that one process at a time opens a folder. A lock whose process is gone is taken over.
 * @param lockFile beside the folder, or in it; its own folder must be there
 * @returns gives the folder back
 * @throws FolderLockedError
 */
export async function lockFolder(lockFile: string, thing: LockedThing): Promise<() => Promise<void>> {
  const ours = `${process.pid} ${(await startOf(process.pid)) ?? ''}`.trim();
  while (!(await tryCreate(lockFile, ours))) {
    const holder = await readHolder(lockFile);
    if (holder !== undefined && (await isAlive(lockFile, holder))) {
      throw new FolderLockedError(lockFile, holder.pid, thing);
    }
    await rm(lockFile, { force: true });
  }
  held.add(lockFile);
  return async () => {
    if (held.delete(lockFile)) await rm(lockFile, { force: true });
  };
}

/** Another process, `pid`, uses the folder. */
export class FolderLockedError extends Error {
  readonly code = 'folder-locked';
  readonly retriable = false;

  constructor(
    readonly lockFile: string,
    readonly pid: number,
    { what, advice }: LockedThing,
  ) {
    super(`${what} is in use by process ${pid} (${lockFile}). ${advice}`);
    this.name = 'FolderLockedError';
  }
}

type Holder = { pid: number; startedAt: string | undefined };

async function tryCreate(lockFile: string, content: string): Promise<boolean> {
  try {
    await writeFile(lockFile, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(lockFile: string): Promise<Holder | undefined> {
  const [pid, startedAt] = (await readFile(lockFile, 'utf8').catch(() => '')).split(' ');
  return Number(pid) > 0 ? { pid: Number(pid), startedAt } : undefined;
}

async function isAlive(lockFile: string, { pid, startedAt }: Holder): Promise<boolean> {
  if (pid === process.pid) return held.has(lockFile);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return startedAt === undefined || (await startOf(pid)) === startedAt;
}

/** When a process started, in clock ticks since boot: tells a process from a later one with its pid. Linux only. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold spaces; the start is the 20th field after it (proc(5)).
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
