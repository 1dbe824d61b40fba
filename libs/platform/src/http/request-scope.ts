import { performance } from 'node:perf_hooks';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Logger } from '../logging/logger.ts';
import { runWithContext } from '../logging/work-context.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { requestIdOf } from './request-id.ts';

/** Gives each request its id, its log context, safe headers, and one log line and one measurement when it is over. */
export function requestScope(logger: Logger, metrics: Metrics): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const requestId = requestIdOf(request);
    const startedAt = performance.now();
    response.setHeader('x-request-id', requestId);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    runWithContext({ requestId }, () => {
      response.once('close', () => {
        const seconds = (performance.now() - startedAt) / 1000;
        const status = String(response.statusCode);
        metrics.httpRequestSeconds.observe({ method: request.method, route: routeOf(request), status }, seconds);
        // The path only: a query may hold a token.
        const line = {
          method: request.method,
          path: request.path,
          status: response.statusCode,
          durationMs: Math.round(seconds * 1000),
        };
        if (isRoutine(request)) logger.trace(line, 'request');
        else logger.debug(line, 'request');
      });
      next();
    });
  };
}

/** The pattern, never the path: a metric's labels must stay few. */
function routeOf(request: Request): string {
  const { route } = request as { route?: { path?: unknown } };
  return typeof route?.path === 'string' ? route.path : 'other';
}

function isRoutine(request: Request): boolean {
  return request.path.startsWith('/health/') || request.path === '/metrics';
}
