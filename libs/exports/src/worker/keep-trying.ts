import { setTimeout as pause } from 'node:timers/promises';
import { unavailableFor } from '@rushes/platform';

const firstPauseMs = 500;
const longestPauseMs = 5_000;

/**
 * Does `work` again while what it needs is away: an outage of the store or the database is no reason to throw hours of
 * rendering away. @throws what else goes wrong; the signal's reason when aborted while waiting
 */
export async function keepTrying<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (unavailableFor(error) === undefined) throw error;
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}
