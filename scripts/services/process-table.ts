import { readdirSync, readFileSync } from 'node:fs';

/** A process, told apart from a later one that got the same number. */
export type ProcessIdentity = {
  pid: number;
  /** When it was started, in clock ticks since the machine was. */
  startedAtTicks: number;
};

type Entry = ProcessIdentity & { parent: number; isZombie: boolean };

/** The identity of the process that has this number now; undefined when there is none. */
export function readProcess(pid: number): ProcessIdentity | undefined {
  const entry = readEntry(pid);
  return entry && { pid, startedAtTicks: entry.startedAtTicks };
}

/** Whether this very process runs; one that has ended and waits for its parent to ask does not. */
export function isAlive({ pid, startedAtTicks }: ProcessIdentity): boolean {
  const entry = readEntry(pid);
  return entry !== undefined && entry.startedAtTicks === startedAtTicks && !entry.isZombie;
}

/** Children of this process, their children, and so on. */
export function findDescendants(pid: number): ProcessIdentity[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readEntry(Number(name)) ?? []);
  const below = (parent: number): ProcessIdentity[] =>
    all.filter((entry) => entry.parent === parent).flatMap((entry) => [entry, ...below(entry.pid)]);
  return below(pid).map(({ pid: id, startedAtTicks }) => ({ pid: id, startedAtTicks }));
}

/** Reads `/proc/<pid>/stat` (proc(5)): the fields after the name, which stands in brackets and may hold anything. */
function readEntry(pid: number): Entry | undefined {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return { pid, isZombie: fields[0] === 'Z', parent: Number(fields[1]), startedAtTicks: Number(fields[19]) };
}
