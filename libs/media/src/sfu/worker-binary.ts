import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { version, workerBin } from 'mediasoup';

/**
 * Path of the mediasoup worker: `MEDIASOUP_WORKER_BIN`, else the one that set-up cached outside the repository
 * (`$XDG_CACHE_HOME/rushes/mediasoup-worker/<version>/`), else the one in mediasoup's own package.
 * @throws Error naming the places that were tried, when none is there.
 */
export function findWorkerBinary(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const fromEnv = env.MEDIASOUP_WORKER_BIN;
  const cache = env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const places = fromEnv
    ? [fromEnv]
    : [join(cache, 'rushes', 'mediasoup-worker', version, 'mediasoup-worker'), workerBin];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`mediasoup worker ${version}: expected it at ${places.join(' or ')}`);
  return found;
}
