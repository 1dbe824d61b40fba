import { isConnectionError } from '@rushes/database';

/** How long a caller is asked to wait when nobody knows better. Milliseconds. */
const defaultRetryAfterMs = 2_000;

/**
 * Whether `error` says that a service which this process depends on is away for now, so that the same call may succeed
 * later without anybody's hand. Then how long to wait at least, milliseconds; else undefined. Looks through `cause` and
 * the parts of an `AggregateError`.
 */
export function unavailableFor(error: unknown): number | undefined {
  const seen = new Set<unknown>();
  const waiting = [error];
  while (waiting.length > 0) {
    const each = waiting.shift();
    if (!(each instanceof Error) || seen.has(each)) continue;
    seen.add(each);
    const { retriable, retryAfterMs } = each as { retriable?: unknown; retryAfterMs?: unknown };
    if (retriable === true) return typeof retryAfterMs === 'number' ? retryAfterMs : defaultRetryAfterMs;
    // An error that says it is final is final, whatever caused it.
    if (retriable === false) continue;
    // It knows the codes of sockets as well as those of PostgreSQL.
    if (isConnectionError(each)) return defaultRetryAfterMs;
    waiting.push(each.cause, ...(each instanceof AggregateError ? (each.errors as unknown[]) : []));
  }
  return undefined;
}
