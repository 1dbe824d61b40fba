import { setTimeout as pause } from 'node:timers/promises';
import { unavailableFor } from './unavailable.ts';

const firstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * Does `work` again, with growing pauses, while a service that it needs is away. `onRetry` is told why, before each pause.
 * @throws what `work` throws for another reason; the signal's reason when aborted
 */
export async function keepTrying<T>(
  work: () => Promise<T>,
  { signal, onRetry }: { signal: AbortSignal; onRetry?: (error: unknown) => void },
): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (unavailableFor(error) === undefined) throw error;
      signal.throwIfAborted();
      onRetry?.(error);
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}
