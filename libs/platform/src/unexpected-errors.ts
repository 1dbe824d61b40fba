import type { Logger } from './logging/logger.ts';
import { unavailableFor } from './errors/unavailable.ts';

/**
 * What becomes of errors that nobody handled, in every process alike. That something outside is away is no reason to end:
 * it is logged as an error (a mistake all the same: somebody should have waited for it) and the process goes on. Anything
 * else means that the state of the process is not known: it is logged as fatal and the process ends at once with 1; those
 * who keep it running start it anew, and nothing acknowledged is lost.
 */
export function handleUnexpectedErrors(logger: Logger): void {
  const judge = (kind: 'rejection' | 'exception') => (err: unknown) => {
    if (unavailableFor(err) !== undefined) {
      logger.error({ err, kind }, 'nobody handled that something outside is away');
      return;
    }
    logger.fatal({ err, kind }, 'nobody handled an error: the process ends');
    logger.flush();
    process.exit(1);
  };
  process.on('unhandledRejection', judge('rejection'));
  process.on('uncaughtException', judge('exception'));
}
