import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { Config } from '../config/config.ts';
import { TextStream } from './text-stream.ts';
import { currentContext } from './work-context.ts';

/** Injection token of {@link Logger}. */
export const LOGGER = Symbol('LOGGER');
export type Logger = PinoLogger;

/**
 * Makes the process's logger: JSON lines, or text for people. Lines carry the `requestId` and `recordingId` of the work
 * that runs (see `runWithContext`), and never a key or a token.
 */
export function createLogger(
  config: Pick<Config, 'logLevel' | 'logFormat'>,
  destination: DestinationStream = config.logFormat === 'text' ? new TextStream(process.stdout) : pino.destination(1),
): Logger {
  return pino(
    {
      level: config.logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...currentContext() }),
      mixinMergeStrategy: (line, context) => ({ ...context, ...line }),
      serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
      redact: {
        paths: ['apiKey', 'token', 'authorization', '*.apiKey', '*.token', '*.authorization', 'config.metricsToken'],
        censor: '(secret)',
      },
    },
    destination,
  );
}
