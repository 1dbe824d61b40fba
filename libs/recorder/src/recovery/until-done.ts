import { setTimeout as delay } from 'node:timers/promises';
import { unavailableFor } from '@rushes/platform';

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/**
 * Runs `task` again, with growing pauses, while what it needs is away.
 * @throws what `task` throws for another reason; the signal's reason when it is aborted
 */
export async function untilDone<T>(
  task: () => Promise<T>,
  { signal, onRetry }: { signal: AbortSignal; onRetry: (error: unknown) => void },
): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return await task();
    } catch (error) {
      if (unavailableFor(error) === undefined) throw error;
      signal.throwIfAborted();
      onRetry(error);
      await delay(pauseMs, undefined, { signal });
    }
  }
}
