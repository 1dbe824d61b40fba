import type { Logger } from './logging/logger.ts';

const signals = ['SIGTERM', 'SIGINT'] as const;
/** An orderly end that takes so much longer than the drain time is given up. Milliseconds. */
const beyondDrainMs = 25_000;

/**
 * SIGTERM or SIGINT: `close`, then exit with 0. A second signal, an error or running out of time: exit with 1.
 * @returns leaves signals alone again
 */
export function endOnSignals(close: () => Promise<void>, logger: Logger, drainMs: number): () => void {
  const patienceMs = drainMs + beyondDrainMs;
  let isEnding = false;
  const end = (signal: NodeJS.Signals) => {
    if (isEnding) process.exit(1);
    isEnding = true;
    logger.info({ signal }, 'ending');
    setTimeout(() => {
      logger.error({ patienceMs }, 'could not end in time');
      process.exit(1);
    }, patienceMs).unref();
    close().then(
      () => process.exit(0),
      (err: unknown) => {
        logger.error({ err }, 'could not end in order');
        process.exit(1);
      },
    );
  };
  for (const signal of signals) process.on(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}
