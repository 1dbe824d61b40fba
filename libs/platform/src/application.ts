import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ApiKeyService } from './auth/api-key-service.ts';
import { CONFIG, type Config } from './config/config.ts';
import { HealthRegistry } from './health/health-registry.ts';
import { drainServer } from './http/drain-server.ts';
import { openReads } from './http/open-reads.ts';
import { readBody } from './http/read-body.ts';
import { requestScope } from './http/request-scope.ts';
import { viewerFilter } from './http/viewer-filter.ts';
import { ViewerListener } from './http/viewer-listener.ts';
import { endOnSignals } from './end-on-signals.ts';
import { LOGGER, type Logger } from './logging/logger.ts';
import { NestLogger, StartingNestLogger } from './logging/nest-logger.ts';
import { Metrics } from './metrics/metrics.ts';
import { WebSocketRoutes } from './web-socket/web-socket-routes.ts';
import { productPages, sendHomeToMeeting, serveStaticPage, type StaticPage } from './pages/static-pages.ts';

/** A listening application. */
export type RunningApplication = {
  app: NestExpressApplication;
  /** Where browsers reach it, as configured; when the port is 0, host and the port that was free. */
  url: string;
  viewerUrl: string;
  /** The API key, if this start made it. */
  newApiKey: string | undefined;
  /** Ends work, connections and adapters, in that order. Idempotent. */
  close(): Promise<void>;
};

export type StartOptions = {
  /**
   * Serves the product's pages, the viewer's on a listener of its own, and makes the installation's first API key, which is
   * returned, not shown: the caller shows it. Default true.
   */
  hasPages?: boolean;
  /** For what Nest says before the module's own logger is there. Default: none of it is shown. */
  logger?: Logger;
  /** Awaited when everything is connected, before the port is taken. */
  beforeListening?: () => Promise<void>;
};

/** How long a request may take to come: an upload of many gigabytes. Others have small bodies. Milliseconds. */
const longestRequestMs = 6 * 3_600_000;

/**
 * Starts `module` (which imports `PlatformModule.forRoot`). SIGTERM and SIGINT end it in order.
 * @throws when a port is taken or an adapter cannot be opened
 */
export async function startApplication(
  module: Type,
  { hasPages = true, logger: earlyLogger, beforeListening }: StartOptions = {},
): Promise<RunningApplication> {
  const app = await NestFactory.create<NestExpressApplication>(module, {
    bodyParser: false,
    logger: earlyLogger ? new StartingNestLogger(earlyLogger) : false,
    abortOnError: false,
  });
  const config = app.get<Config>(CONFIG);
  const logger = app.get<Logger>(LOGGER);
  app.useLogger(new NestLogger(logger));
  prepareHttp(app, logger, hasPages ? productPages(config) : []);

  await app.init();
  const newApiKey = hasPages ? await app.get(ApiKeyService).makeFirstKey() : undefined;
  await beforeListening?.();
  const { port, viewerPort } = await listen(app, config, hasPages);
  logger.info({ host: config.host, port, ...(hasPages ? { viewerPort } : {}) }, 'listening');

  let closing: Promise<void> | undefined;
  const close = () => (closing ??= drainAndClose(app, config.drainMs).finally(ignoreSignals));
  const ignoreSignals = endOnSignals(close, logger, config.drainMs);
  return {
    app,
    url: config.httpPort === 0 ? `http://${config.host}:${port}` : config.publicUrl,
    viewerUrl: config.viewerPort === 0 ? `http://${config.host}:${viewerPort}` : config.viewerUrl,
    newApiKey,
    close,
  };
}

async function listen(
  app: NestExpressApplication,
  config: Config,
  hasPages: boolean,
): Promise<{ port: number; viewerPort: number }> {
  try {
    const viewerPort = hasPages ? await app.get(ViewerListener).listen(config.viewerPort, config.host) : 0;
    const server = app.getHttpServer();
    server.requestTimeout = longestRequestMs;
    await app.listen(config.httpPort, config.host);
    return { port: (server.address() as AddressInfo).port, viewerPort };
  } catch (error) {
    await app.get(ViewerListener).close(0);
    await app.close();
    throw error;
  }
}

function prepareHttp(app: NestExpressApplication, logger: Logger, pages: readonly StaticPage[]): void {
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(requestScope(logger, app.get(Metrics)));
  for (const page of pages) app.use(serveStaticPage(page));
  if (pages.length > 0) app.use(sendHomeToMeeting());
  app.use(viewerFilter());
  app.use(openReads());
  app.use(readBody());
}

async function drainAndClose(app: NestExpressApplication, drainMs: number): Promise<void> {
  app.get(HealthRegistry).drain();
  await Promise.all([
    app.get(WebSocketRoutes).close(),
    drainServer(app.getHttpServer(), drainMs),
    app.get(ViewerListener).close(drainMs),
  ]);
  await app.close();
}
