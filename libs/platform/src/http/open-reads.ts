import type { NextFunction, Request, RequestHandler, Response } from 'express';

const readable = /^\/v1\/(recordings|exports)(\/|$)/;

/**
 * Lets pages of any origin read recordings (CORS), so that the player can stand in other people's pages. Safe, because
 * nothing is allowed by where a request comes from: there are no cookies, only tokens that a page must be given.
 */
export function openReads(): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method) || !readable.test(request.path)) {
      next();
      return;
    }
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader(
      'access-control-expose-headers',
      'content-range, content-length, accept-ranges, etag, x-request-id',
    );
    if (request.method !== 'OPTIONS') {
      next();
      return;
    }
    response.setHeader('access-control-allow-methods', 'GET, HEAD');
    response.setHeader('access-control-allow-headers', 'authorization, range, if-range, if-none-match, x-request-id');
    response.setHeader('access-control-max-age', '86400');
    response.status(204).end();
  };
}
