import type { Type } from '@nestjs/common';
import { startApplication } from './application.ts';
import { loadConfig, type Config } from './config/config.ts';
import { describeConnections } from './config/describe-connections.ts';
import { createLogger } from './logging/logger.ts';

export type ServiceName = 'gateway' | 'recorder' | 'timeline-writer' | 'api' | 'renderer' | 'analytics';

/**
 * Runs one service alone, as `main.ts` of its app: reads the environment, says what it connects to, starts, and ends in order
 * on SIGTERM. What is wrong with the environment goes to standard error, and the process exits with 1.
 * @param options.hasPages it is the one that serves the pages, on both listeners, and makes the first API key
 */
export async function runService(
  service: ServiceName,
  createModule: (config: Config) => Type,
  { hasPages = false }: { hasPages?: boolean } = {},
): Promise<void> {
  try {
    const config = loadConfig(process.env, { isApart: true });
    createLogger(config).info({ service, ...describeConnections(config) }, 'starting');
    const { newApiKey } = await startApplication(createModule(config), { hasPages });
    if (newApiKey !== undefined) {
      process.stderr.write(`\nYour API key. It is shown this once and stored only as a hash:\n\n  ${newApiKey}\n\n`);
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
