import { readFileSync, renameSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../setup/paths.mjs';
import type { ServicesState } from './services-state.ts';

/** Where `npm run services` writes what it started, unless `--state` names another file. */
export const stateFile = join(cacheFolder, 'services.json');

/** What the file holds; undefined when there is none. */
export function readStateFile(path: string): ServicesState | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ServicesState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${path} cannot be read as a state of services: end them by hand and remove it`, { cause: error });
  }
}

/** Replaces the file in one step; only this user may read it, as it holds credentials. At once, not in the background: what has been started is written down. */
export function writeStateFile(path: string, state: ServicesState): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

export function removeStateFile(path: string): void {
  rmSync(path, { force: true });
}
