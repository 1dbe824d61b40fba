import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.ts';

/** Sends what Nest itself says to our log; its chatter while wiring is debug. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, text(message));
  }

  error(message: unknown, stack?: string, context?: string): void {
    this.logger.error({ context, ...(message instanceof Error ? { err: message } : { stack }) }, text(message));
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, text(message));
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, text(message));
  }

  verbose(message: unknown, context?: string): void {
    this.logger.trace({ context }, text(message));
  }
}

/** While the application is being made: what goes wrong is thrown too, and said once, by whoever starts it. */
export class StartingNestLogger extends NestLogger {
  override error(message: unknown, stack?: string, context?: string): void {
    this.debug(
      message instanceof Error ? (message.stack ?? message.message) : `${String(message)} ${stack ?? ''}`,
      context,
    );
  }
}

function text(message: unknown): string {
  return message instanceof Error ? message.message : String(message);
}
