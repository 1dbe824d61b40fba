import type { Type } from '@nestjs/common';
import { startApplication, type RunningApplication } from './application.ts';
import { checkFolders } from './config/check-folders.ts';
import { loadConfig, type Config } from './config/config.ts';
import { describeConnections } from './config/describe-connections.ts';
import { StartingListener } from './http/starting-listener.ts';
import { createLogger } from './logging/logger.ts';
import { handleUnexpectedErrors } from './unexpected-errors.ts';

export type ServiceName = 'standalone' | 'gateway' | 'recorder' | 'timeline-writer' | 'api' | 'renderer' | 'analytics';

export type RunServiceOptions = {
  /** Serves the product's pages, on both listeners, and makes the first API key. Default false. */
  hasPages?: boolean;
  /** One of several services, which meet in a log, a store and a database that all reach. Default true. */
  isApart?: boolean;
  /** What to tell the operator, on standard error, when all runs. */
  greet?: (running: RunningApplication) => Promise<string>;
};

/**
 * Runs one service as the process, as `main.ts` of its app: reads the environment, says what it connects to, starts, and ends in
 * order on SIGTERM. What is wrong with the environment goes to standard error, and the process exits with 1. From the first
 * moment on `/health/live` answers; `/health/ready` when all is connected.
 */
export async function runService(
  service: ServiceName,
  createModule: (config: Config) => Type,
  { hasPages = false, isApart = true, greet }: RunServiceOptions = {},
): Promise<void> {
  try {
    const config = loadConfig(process.env, { isApart });
    const hasData = !isApart || service === 'recorder' || service === 'renderer';
    await checkFolders(config, { data: hasData, pages: hasPages });
    const logger = createLogger(config);
    handleUnexpectedErrors(logger);
    logger.info({ service, pid: process.pid, ...describeConnections(config) }, 'starting');
    const starting = new StartingListener();
    await starting.listen(config.httpPort, config.host);
    const running = await startApplication(createModule(config), {
      hasPages,
      logger,
      beforeListening: () => starting.close(),
    });
    if (greet) process.stderr.write(await greet(running));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
