import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const projectFolder = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** What set-up fetches or builds lies here, outside the repository: a fresh clone finds it again. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rushes');
